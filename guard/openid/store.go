// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"hustings/kit/db"
)

// digest is what is kept of a secret.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// one is the first row of a query that has at most one.
func one[T any](rows []T, err error) (found T, ok bool, _ error) {
	if err != nil || len(rows) == 0 {
		return found, false, err
	}
	return rows[0], true, nil
}

// hit runs a statement and says whether it changed a row.
func hit(ctx context.Context, tx *db.Tx, query string, args ...any) (bool, error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

const clientColumns = `id, name, public, hash, redirects, sign_outs, back_channel, scopes, roles, level, made_at, made_by, secret_at`

func scanClient(scan func(...any) error) (c Client, err error) {
	var redirects, signOuts, scopes, roles string
	err = scan(&c.ID, &c.Name, &c.Public, &c.hash, &redirects, &signOuts, &c.BackChannel, &scopes, &roles, &c.Level,
		db.AsTime(&c.Made), &c.MadeBy, db.AsTime(&c.SecretMade))
	c.Redirects, c.SignOuts, c.Scopes, c.Roles = strings.Fields(redirects), strings.Fields(signOuts), strings.Fields(scopes), strings.Fields(roles)
	return c, err
}

func listClients(ctx context.Context, q db.Reader, jurisdiction string) ([]Client, error) {
	rows, err := q.QueryContext(ctx, `
		select `+clientColumns+` from openid_client where jurisdiction = $1 order by name`, jurisdiction)
	return db.Collect(rows, err, scanClient)
}

func findClient(ctx context.Context, q db.Reader, jurisdiction, id string) (Client, bool, error) {
	rows, err := q.QueryContext(ctx, `
		select `+clientColumns+` from openid_client where jurisdiction = $1 and id = $2`, jurisdiction, id)
	return one(db.Collect(rows, err, scanClient))
}

// insertClient registers a satellite, unless its name is taken.
func insertClient(ctx context.Context, tx *db.Tx, jurisdiction string, c Client) (bool, error) {
	return hit(ctx, tx, `
		insert into openid_client (jurisdiction, id, name, public, hash, redirects, sign_outs, back_channel, scopes, roles, level, made_at, made_by)
		values ($1, $2, $3, $4, '', $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (jurisdiction, name) do nothing`, jurisdiction, c.ID, c.Name, c.Public, strings.Join(c.Redirects, " "), strings.Join(c.SignOuts, " "),
		c.BackChannel, strings.Join(c.Scopes, " "), strings.Join(c.Roles, " "), c.Level, c.Made, c.MadeBy)
}

func setSecret(ctx context.Context, tx *db.Tx, jurisdiction, id, hash string, at time.Time) (bool, error) {
	return hit(ctx, tx, `
		update openid_client set hash = $3, secret_at = $4 where jurisdiction = $1 and id = $2 and not public`, jurisdiction, id, hash, at)
}

// timesRemoved says how often satellites of a name were removed.
func timesRemoved(ctx context.Context, q db.Reader, jurisdiction, name string) (int64, error) {
	rows, err := q.QueryContext(ctx, `select times from openid_removed where jurisdiction = $1 and name = $2`, jurisdiction, name)
	times, _, err := one(db.Collect(rows, err, func(scan func(...any) error) (n int64, err error) { return n, scan(&n) }))
	return times, err
}

// deleteClient removes a satellite with all that it was given, and counts it.
func deleteClient(ctx context.Context, tx *db.Tx, jurisdiction, id string) error {
	if _, err := tx.ExecContext(ctx, `
		insert into openid_removed (jurisdiction, name, times)
		select jurisdiction, name, 1 from openid_client where jurisdiction = $1 and id = $2
		on conflict (jurisdiction, name) do update set times = openid_removed.times + 1`, jurisdiction, id); err != nil {
		return err
	}
	for _, table := range []string{"openid_code", "openid_token", "openid_visit"} {
		if _, err := tx.ExecContext(ctx, `delete from `+table+` where jurisdiction = $1 and client = $2`, jurisdiction, id); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `delete from openid_client where jurisdiction = $1 and id = $2`, jurisdiction, id)
	return err
}

// grant is what a person gives a satellite by signing in to it.
type grant struct {
	client, redirect, challenge, nonce string
	scopes                             []string
	account, session, issuer, method   string
	level                              int
	proved, expires                    time.Time
}

func insertCode(ctx context.Context, tx *db.Tx, jurisdiction, hash string, g grant) error {
	_, err := tx.ExecContext(ctx, `
		insert into openid_code (jurisdiction, hash, client, redirect, challenge, nonce, scopes, account, session, issuer, level, method, proved_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, jurisdiction, hash, g.client, g.redirect, g.challenge, g.nonce,
		strings.Join(g.scopes, " "), g.account, g.session, g.issuer, g.level, g.method, g.proved, g.expires)
	return err
}

// deleteOld forgets codes and tokens that ended before a moment.
func deleteOld(ctx context.Context, tx *db.Tx, jurisdiction string, before time.Time) error {
	for _, table := range []string{"openid_code", "openid_token"} {
		if _, err := tx.ExecContext(ctx, `delete from `+table+` where jurisdiction = $1 and expires_at < $2`, jurisdiction, before); err != nil {
			return err
		}
	}
	return nil
}

func findCode(ctx context.Context, q db.Reader, jurisdiction, hash string) (grant, bool, error) {
	rows, err := q.QueryContext(ctx, `
		select client, redirect, challenge, nonce, scopes, account, session, issuer, level, method, proved_at, expires_at
		from openid_code where jurisdiction = $1 and hash = $2`, jurisdiction, hash)
	return one(db.Collect(rows, err, func(scan func(...any) error) (g grant, err error) {
		var scopes string
		err = scan(&g.client, &g.redirect, &g.challenge, &g.nonce, &scopes, &g.account, &g.session, &g.issuer, &g.level, &g.method,
			db.AsTime(&g.proved), db.AsTime(&g.expires))
		g.scopes = strings.Fields(scopes)
		return g, err
	}))
}

// useCode takes a code; ok is false where it was taken before.
func useCode(ctx context.Context, tx *db.Tx, jurisdiction, hash string, at time.Time) (ok bool, err error) {
	return hit(ctx, tx, `
		update openid_code set used_at = $3 where jurisdiction = $1 and hash = $2 and used_at is null`, jurisdiction, hash, at)
}

// access is an access token as it is kept.
type access struct {
	client, account, session string
	scopes                   []string
}

func insertToken(ctx context.Context, tx *db.Tx, jurisdiction, hash, code string, g grant, expires time.Time) error {
	_, err := tx.ExecContext(ctx, `
		insert into openid_token (jurisdiction, hash, code, client, account, session, scopes, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, jurisdiction, hash, code, g.client, g.account, g.session, strings.Join(g.scopes, " "), expires)
	return err
}

func findToken(ctx context.Context, q db.Reader, jurisdiction, hash string, now time.Time) (access, bool, error) {
	rows, err := q.QueryContext(ctx, `
		select client, account, session, scopes from openid_token
		where jurisdiction = $1 and hash = $2 and expires_at > $3`, jurisdiction, hash, now)
	return one(db.Collect(rows, err, func(scan func(...any) error) (a access, err error) {
		var scopes string
		err = scan(&a.client, &a.account, &a.session, &scopes)
		a.scopes = strings.Fields(scopes)
		return a, err
	}))
}

// deleteToken ends an access token of a satellite and says whose it was.
func deleteToken(ctx context.Context, tx *db.Tx, jurisdiction, hash, client string) (account string, ok bool, err error) {
	rows, err := tx.QueryContext(ctx, `
		delete from openid_token where jurisdiction = $1 and hash = $2 and client = $3 returning account`, jurisdiction, hash, client)
	return one(db.Collect(rows, err, func(scan func(...any) error) (account string, err error) {
		err = scan(&account)
		return account, err
	}))
}

func deleteTokensOf(ctx context.Context, tx *db.Tx, jurisdiction, code string) error {
	_, err := tx.ExecContext(ctx, `delete from openid_token where jurisdiction = $1 and code = $2`, jurisdiction, code)
	return err
}

// visit says that a person of a session is signed in to a satellite.
type visit struct {
	client, session, account, issuer string
}

func scanVisit(scan func(...any) error) (v visit, err error) {
	err = scan(&v.client, &v.session, &v.account, &v.issuer)
	return v, err
}

func upsertVisit(ctx context.Context, tx *db.Tx, jurisdiction string, v visit, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		insert into openid_visit (jurisdiction, client, session, account, issuer, began_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (jurisdiction, client, session) do update set issuer = excluded.issuer`, jurisdiction, v.client, v.session, v.account, v.issuer, at)
	return err
}

// listVisits lists the visits of an account, or for "" of all.
func listVisits(ctx context.Context, q db.Reader, jurisdiction, account string) ([]visit, error) {
	rows, err := q.QueryContext(ctx, `
		select client, session, account, issuer from openid_visit
		where jurisdiction = $1 and (account = $2 or $2 = '') order by session, client`, jurisdiction, account)
	return db.Collect(rows, err, scanVisit)
}

// endVisits forgets what a session was used for at a satellite, or for "" at
// all, and lists its visits there.
func endVisits(ctx context.Context, tx *db.Tx, jurisdiction, session, client string) ([]visit, error) {
	for _, table := range []string{"openid_code", "openid_token"} {
		if _, err := tx.ExecContext(ctx, `
			delete from `+table+` where jurisdiction = $1 and session = $2 and (client = $3 or $3 = '')`, jurisdiction, session, client); err != nil {
			return nil, err
		}
	}
	rows, err := tx.QueryContext(ctx, `
		delete from openid_visit where jurisdiction = $1 and session = $2 and (client = $3 or $3 = '')
		returning client, session, account, issuer`, jurisdiction, session, client)
	return db.Collect(rows, err, scanVisit)
}

// signing is a key as it is kept.
type signing struct {
	id           string
	half         []byte
	public       string
	made, begins time.Time
}

// listKeys lists the keys, the newest first.
func listKeys(ctx context.Context, q db.Reader, jurisdiction string) ([]signing, error) {
	rows, err := q.QueryContext(ctx, `
		select id, half, public, made_at, begins_at from openid_key where jurisdiction = $1 order by begins_at desc, id desc`, jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (k signing, err error) {
		err = scan(&k.id, &k.half, &k.public, db.AsTime(&k.made), db.AsTime(&k.begins))
		return k, err
	})
}

func insertKey(ctx context.Context, tx *db.Tx, jurisdiction string, k signing) error {
	_, err := tx.ExecContext(ctx, `
		insert into openid_key (jurisdiction, id, half, public, made_at, begins_at)
		values ($1, $2, $3, $4, $5, $6)`, jurisdiction, k.id, k.half, k.public, k.made, k.begins)
	return err
}

func deleteKey(ctx context.Context, tx *db.Tx, jurisdiction, id string) error {
	_, err := tx.ExecContext(ctx, `delete from openid_key where jurisdiction = $1 and id = $2`, jurisdiction, id)
	return err
}

// dropHalf destroys the private half of a key that signs no more.
func dropHalf(ctx context.Context, tx *db.Tx, jurisdiction, id string) error {
	_, err := tx.ExecContext(ctx, `update openid_key set half = null where jurisdiction = $1 and id = $2`, jurisdiction, id)
	return err
}
