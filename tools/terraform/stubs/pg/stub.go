// Package pg is the local backend in place of Terraform's pg backend.
package pg

import (
	"github.com/hashicorp/terraform/internal/backend"
	"github.com/hashicorp/terraform/internal/backend/local"
)

func New() backend.Backend { return local.New() }
