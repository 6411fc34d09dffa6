// SPDX-License-Identifier: Apache-2.0

package root

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/reach"
)

// KMS is a root key in an external key service, which never hands it out. The
// protocol is that of the transit engine of OpenBao and Vault:
//
//	POST /v1/MOUNT/encrypt/KEY {"plaintext", "associated_data"} -> {"data": {"ciphertext"}}
//	POST /v1/MOUNT/decrypt/KEY {"ciphertext", "associated_data"} -> {"data": {"plaintext"}}
//	POST /v1/MOUNT/keys/KEY/rotate
type KMS struct {
	base       *url.URL
	mount, key string
	token      hide.String
	client     *http.Client
}

func openKMS(_ context.Context, u *url.URL, token hide.String) (*KMS, error) {
	mount, key := path.Split(strings.Trim(u.Path, "/"))
	if !reach.Safe(u) || mount == "" || key == "" || u.RawQuery != "" {
		return nil, fault.New(fault.Invalid, "keys.root: want kms:https://HOST/MOUNT/KEY (http on this machine only), such as kms:https://bao.vale.example:8200/transit/hustings")
	}
	return &KMS{base: &url.URL{Scheme: u.Scheme, Host: u.Host}, mount: strings.Trim(mount, "/"), key: key, token: token, client: reach.Client(10*time.Second, nil)}, nil
}

// Kind is "kms".
func (k *KMS) Kind() string { return "kms" }

// ID is the key's name in the service, which keeps its versions apart itself.
func (k *KMS) ID() string { return "kms:" + k.mount + "/" + k.key }

// answer is what the transit engine says.
type answer struct {
	Data struct {
		Ciphertext string `json:"ciphertext"`
		Plaintext  string `json:"plaintext"`
	} `json:"data"`
}

// maxAnswer is far more than a wrapped key takes.
const maxAnswer = 64 << 10

var errRefused = errors.New("the key service refuses")

func (k *KMS) ask(ctx context.Context, what string, question map[string]string) (a answer, err error) {
	body, err := json.Marshal(question)
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, k.base.JoinPath("v1", k.mount, what).String(), bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("X-Vault-Token", k.token.Reveal())
	req.Header.Set("X-Vault-Request", "true")
	req.Header.Set("Content-Type", "application/json")
	res, err := k.client.Do(req)
	if err != nil {
		return a, fault.Wrap(fault.Unavailable, err, "The key service at %s does not answer.", k.base.Host)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return a, fault.Wrap(fault.Unavailable, err, "The key service at %s does not answer.", k.base.Host)
	}
	switch {
	case res.StatusCode == http.StatusNoContent:
		return a, nil
	case res.StatusCode == http.StatusForbidden || res.StatusCode == http.StatusUnauthorized:
		return a, fault.New(fault.Invalid, "The key service at %s does not accept the token in keys.secret_file.", k.base.Host)
	case res.StatusCode == http.StatusBadRequest || res.StatusCode == http.StatusNotFound:
		return a, errRefused
	case res.StatusCode != http.StatusOK:
		return a, fault.New(fault.Unavailable, "The key service at %s answers with status %d.", k.base.Host, res.StatusCode)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fault.New(fault.Unavailable, "The key service at %s answers with something that is no JSON.", k.base.Host)
	}
	return a, nil
}

// Wrap has the service seal key.
func (k *KMS) Wrap(ctx context.Context, key, bound []byte) (id string, wrapped []byte, err error) {
	a, err := k.ask(ctx, "encrypt/"+k.key, map[string]string{"plaintext": b64(key), "associated_data": b64(bound)})
	if errors.Is(err, errRefused) || err == nil && !strings.HasPrefix(a.Data.Ciphertext, "vault:v") {
		return "", nil, fault.New(fault.Invalid, "The key service at %s has no key %s for wrapping at %s.", k.base.Host, k.key, k.mount)
	}
	return k.ID(), []byte(a.Data.Ciphertext), err
}

// Unwrap has the service open what it sealed.
func (k *KMS) Unwrap(ctx context.Context, id string, wrapped, bound []byte) ([]byte, error) {
	if id != k.ID() {
		return nil, fault.New(fault.Invalid, "This house's keys were wrapped with another root key (%s) than the one that the settings name (%s). Set keys.root back. Nothing was changed.", id, k.ID())
	}
	a, err := k.ask(ctx, "decrypt/"+k.key, map[string]string{"ciphertext": string(wrapped), "associated_data": b64(bound)})
	if errors.Is(err, errRefused) {
		return nil, refused(k.ID())
	}
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(a.Data.Plaintext)
	if err != nil {
		return nil, errors.New("the key service's answer is no base64")
	}
	return key, nil
}

// Rotate has the service make a new version of the key.
func (k *KMS) Rotate(ctx context.Context) error {
	_, err := k.ask(ctx, "keys/"+k.key+"/rotate", map[string]string{})
	if errors.Is(err, errRefused) {
		return fault.New(fault.Invalid, "The key service at %s does not let us rotate the key %s; rotate it there.", k.base.Host, k.key)
	}
	return err
}

// Forget does nothing: the service decides how long it keeps old versions.
func (k *KMS) Forget(context.Context) ([]string, error) { return nil, nil }

// Close lets go of idle connections.
func (k *KMS) Close() error { k.client.CloseIdleConnections(); return nil }

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
