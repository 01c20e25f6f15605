// Package oss is the local backend in place of Terraform's oss backend.
package oss

import (
	"github.com/hashicorp/terraform/internal/backend"
	"github.com/hashicorp/terraform/internal/backend/local"
)

func New() backend.Backend { return local.New() }
