// SPDX-License-Identifier: Apache-2.0

package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"hustings/kit/fault"
)

// bucket keeps blobs as objects of a bucket, each under prefix and its key.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

// onePut is the largest object that goes up in one request; S3 itself ends at
// five times that.
const onePut = 1 << 30

// openBucket opens s3://bucket/prefix. Parameters: endpoint (a host; Amazon's when
// missing), region, insecure=true for plain HTTP, and credentials, the path of
// a file in the form of ~/.aws/credentials. Without one the usual environment
// variables count, and then what the machine's role allows.
func openBucket(ctx context.Context, u *url.URL) (Store, error) {
	q := u.Query()
	for name := range q {
		switch name {
		case "endpoint", "region", "insecure", "credentials":
		default:
			return nil, fault.New(fault.Invalid, "the blob store's URL has an unknown setting %q; known are endpoint, region, insecure and credentials", name)
		}
	}
	if u.Host == "" {
		return nil, fault.New(fault.Invalid, "the blob store's URL names no bucket; write s3://bucket/prefix")
	}
	endpoint := q.Get("endpoint")
	if endpoint == "" {
		endpoint = "s3.amazonaws.com"
	}
	client, err := minio.New(endpoint, &minio.Options{
		Creds:  s3Credentials(q.Get("credentials")),
		Secure: q.Get("insecure") != "true",
		Region: q.Get("region"),
	})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the blob store's URL cannot be used")
	}
	b := &bucket{client: client, name: u.Host}
	if p := strings.Trim(u.Path, "/"); p != "" {
		b.prefix = p + "/"
	}
	there, err := client.BucketExists(ctx, b.name)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the blob store cannot be reached")
	}
	if !there {
		return nil, fault.New(fault.Invalid, "the blob store has no bucket %s; create it first", b.name)
	}
	return b, nil
}

func s3Credentials(path string) *credentials.Credentials {
	if path != "" {
		return credentials.NewFileAWSCredentials(path, "default")
	}
	return credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.IAM{}})
}

// Put puts an object. One that is there already holds the same; replacing it
// mends it in case it was damaged.
func (b *bucket) Put(ctx context.Context, body []byte) (string, error) {
	key := Key(body)
	_, err := b.client.PutObject(ctx, b.name, b.prefix+key, bytes.NewReader(body), int64(len(body)), minio.PutObjectOptions{
		ContentType:      "application/octet-stream",
		DisableMultipart: len(body) <= onePut,
	})
	if err != nil {
		return "", b.explain(err, key)
	}
	return key, nil
}

// explain gives an error of the bucket its kind.
func (b *bucket) explain(err error, key string) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
		return missing(key)
	}
	return fault.Wrap(fault.Unavailable, err, "The file store is not available at the moment. Please try again later.")
}

// Get reads an object and compares it with its key.
func (b *bucket) Get(ctx context.Context, key string) ([]byte, error) {
	if !valid(key) {
		return nil, missing(key)
	}
	o, err := b.client.GetObject(ctx, b.name, b.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.explain(err, key)
	}
	defer o.Close()
	body, err := io.ReadAll(o)
	if err != nil {
		return nil, b.explain(err, key)
	}
	return whole(key, body)
}

// Has asks for an object's head.
func (b *bucket) Has(ctx context.Context, key string) (bool, error) {
	if !valid(key) {
		return false, nil
	}
	_, err := b.client.StatObject(ctx, b.name, b.prefix+key, minio.StatObjectOptions{})
	if err = b.explain(err, key); fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

// Delete removes an object.
func (b *bucket) Delete(ctx context.Context, key string) error {
	if !valid(key) {
		return nil
	}
	return b.explain(b.client.RemoveObject(ctx, b.name, b.prefix+key, minio.RemoveObjectOptions{}), key)
}

// List lists objects, which S3 gives in order.
func (b *bucket) List(ctx context.Context, prefix string) ([]string, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var keys []string
	for o := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix + prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, b.explain(o.Err, "")
		}
		if key := strings.TrimPrefix(o.Key, b.prefix); valid(key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
