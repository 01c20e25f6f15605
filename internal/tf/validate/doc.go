// Package validate holds validators that ask the platform's own parsers. It
// must not import a client or a service.
package validate
