package vcenter

import (
	"errors"
	"reflect"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vksops/terraform-provider-vks/internal/fault"
	"github.com/vksops/terraform-provider-vks/internal/transport"
)

// vimFault is what the SOAP server said, or nil when no fault of it is in err.
func vimFault(err error) types.BaseMethodFault {
	switch {
	case err == nil:
		return nil
	case soap.IsSoapFault(err):
		return pointerTo(soap.ToSoapFault(err).VimFault())
	case soap.IsVimFault(err):
		return soap.ToVimFault(err)
	}
	return nil
}

// pointerTo gives the pointer that implements the interface: decoded details
// are values.
func pointerTo(detail types.AnyType) types.BaseMethodFault {
	if detail == nil {
		return nil
	}
	if f, ok := detail.(types.BaseMethodFault); ok {
		return f
	}
	p := reflect.New(reflect.TypeOf(detail))
	p.Elem().Set(reflect.ValueOf(detail))
	f, _ := p.Interface().(types.BaseMethodFault)
	return f
}

// vimError wraps an error of a SOAP call. It gives nil for nil.
func vimError(op, where string, err error) error {
	if err == nil {
		return nil
	}
	f := &fault.Error{Kind: transport.NetworkKind(err), Op: op, Where: where, Message: err.Error(), Err: err}
	if soap.IsSoapFault(err) {
		f.Message = soap.ToSoapFault(err).String
	}
	switch detail := vimFault(err).(type) {
	case nil:
		if f.Kind == fault.Unknown && isTemporary(err) {
			f.Kind = fault.Transient
		}
	case *types.InvalidLogin, *types.NotAuthenticated, *types.InvalidLocale:
		f.Kind, f.Code = fault.Unauthenticated, faultName(detail)
	case *types.NoPermission:
		f.Kind, f.Code = fault.Forbidden, "NoPermission"
		f.Message += " (privilege " + detail.PrivilegeId + ")"
	case *types.ManagedObjectNotFound:
		f.Kind, f.Code = fault.NotFound, faultName(detail)
	default:
		f.Kind, f.Code = fault.Unknown, faultName(detail)
	}
	return f
}

func isTemporary(err error) bool {
	var t interface {
		error
		Temporary() bool
	}
	return errors.As(err, &t) && t.Temporary()
}

func faultName(f types.BaseMethodFault) string {
	t := reflect.TypeOf(f)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}
