// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package match

import "errors"

func mapFile(int) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmap([]byte) {}
