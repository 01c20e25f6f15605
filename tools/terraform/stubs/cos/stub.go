// Package cos is the local backend in place of Terraform's cos backend.
package cos

import (
	"github.com/hashicorp/terraform/internal/backend"
	"github.com/hashicorp/terraform/internal/backend/local"
)

func New() backend.Backend { return local.New() }
