// Package planmod holds plan modifiers that more than one resource uses. It
// must not import a client or a service.
package planmod
