package kube

import (
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// sentOnce makes requests that client-go does not repeat. Its own loop sends any
// request up to ten times more, writes too, when an answer of 429 or 5xx has a
// Retry-After, and reads when the connection breaks: on top of what the transport
// does, which knows max_retries and what is safe to repeat.
type sentOnce struct{ rest.Interface }

func (s sentOnce) Verb(verb string) *rest.Request { return s.Interface.Verb(verb).MaxRetries(0) }

func (s sentOnce) Post() *rest.Request { return s.Interface.Post().MaxRetries(0) }

func (s sentOnce) Put() *rest.Request { return s.Interface.Put().MaxRetries(0) }

func (s sentOnce) Patch(pt types.PatchType) *rest.Request { return s.Interface.Patch(pt).MaxRetries(0) }

func (s sentOnce) Get() *rest.Request { return s.Interface.Get().MaxRetries(0) }

func (s sentOnce) Delete() *rest.Request { return s.Interface.Delete().MaxRetries(0) }
