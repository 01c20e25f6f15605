// Package types holds the attribute types that mean more than their text: two
// ways to write one value are equal, and what is wrong with a text is said where
// it stands. It must not import a client or a service.
package types
