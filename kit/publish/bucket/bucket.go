// SPDX-License-Identifier: Apache-2.0

// Package bucket lets publish.Export copy editions to an S3 bucket, or to any
// store that speaks the same protocol. Bodies go up plain, with their content
// type and how long caches may keep them; who may read the bucket is the
// bucket's own policy.
package bucket

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"hustings/kit/fault"
	"hustings/kit/publish"
)

// Options say which bucket, and as whom.
type Options struct {
	Endpoint   string            // host and port, such as s3.us-west-2.amazonaws.com
	Region     string            // such as us-west-2
	Name       string            // of the bucket
	Prefix     string            // put before every path; "" for none
	AccessKey  string            // the public half of the key
	SecretFile string            // a file that holds the secret half
	Plain      bool              // http instead of https, for a store on the same machine
	Transport  http.RoundTripper // nil for the usual one
}

// Bucket is a publish.Target.
type Bucket struct {
	core   *minio.Core
	name   string
	prefix string
}

var _ publish.Target = (*Bucket)(nil)

// Open makes a Target of a bucket. It does not talk to the bucket yet.
func Open(o Options) (*Bucket, error) {
	secret, err := os.ReadFile(o.SecretFile)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the secret key for the bucket %s cannot be read", o.Name)
	}
	core, err := minio.NewCore(o.Endpoint, &minio.Options{
		Creds:     credentials.NewStaticV4(o.AccessKey, strings.TrimSpace(string(secret)), ""),
		Secure:    !o.Plain,
		Region:    o.Region,
		Transport: o.Transport,
	})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the bucket %s at %s cannot be used", o.Name, o.Endpoint)
	}
	return &Bucket{core: core, name: o.Name, prefix: o.Prefix}, nil
}

// Get reads an object.
func (b *Bucket) Get(ctx context.Context, path string) ([]byte, error) {
	body, _, _, err := b.core.GetObject(ctx, b.name, b.prefix+path, minio.GetObjectOptions{})
	if err != nil {
		return nil, plainError(err)
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	return data, plainError(err)
}

// Put writes an object. The store compares two checksums before it takes the
// object over, so a broken upload leaves the old one.
func (b *Bucket) Put(ctx context.Context, c publish.Copy) error {
	sum := md5.Sum(c.Body) // S3 wants MD5 for this, beside the SHA-256 in the signature
	_, err := b.core.PutObject(ctx, b.name, b.prefix+c.Path, bytes.NewReader(c.Body), int64(len(c.Body)),
		base64.StdEncoding.EncodeToString(sum[:]), hex.EncodeToString(c.Sum[:]),
		minio.PutObjectOptions{
			ContentType: c.Type, CacheControl: c.CacheControl,
			DisableContentSha256: true, // not chunk by chunk: the whole body is signed with the sum that we have
		})
	return err
}

// Delete removes an object.
func (b *Bucket) Delete(ctx context.Context, path string) error {
	err := plainError(b.core.RemoveObject(ctx, b.name, b.prefix+path, minio.RemoveObjectOptions{}))
	if err == fs.ErrNotExist {
		return nil
	}
	return err
}

// Flush has nothing to wait for: what a store has taken over is durable.
func (b *Bucket) Flush(context.Context) error { return nil }

// plainError tells an object that is not there from a bucket that is not.
func plainError(err error) error {
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return fs.ErrNotExist
	}
	return err
}
