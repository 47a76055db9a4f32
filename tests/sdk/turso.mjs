// libSQL's own client examines the sandbox: values, batches, interactive transactions, expiry, tokens, faults.
import assert from 'node:assert/strict';
import { createClient, LibsqlError } from '@libsql/client/http';
import * as hrana from '@libsql/hrana-client';
import { check, control, keysOf, origin, requests } from './lib/sandbox.mjs';

const { base_url } = await keysOf('turso');
assert.ok(base_url.startsWith(origin));
const make = options => createClient({ url: base_url, intMode: 'bigint', ...options });
const db = make();
const refused = (code, words = /./) => error => {
  assert.ok(error instanceof LibsqlError, `${error}`);
  assert.equal(error.code, code, `${error}`);
  assert.match(error.message, words);
  return true;
};
const count = async (table, client = db) => (await client.execute(`SELECT count(*) AS n FROM ${table}`)).rows[0].n;

await check('both versions say that they are there, protobuf says no', async () => {
  for (const path of ['v2', 'v3', 'dev/other/v2']) assert.ok((await fetch(base_url + path)).ok, path);
  assert.equal((await fetch(`${base_url}v3-protobuf`)).status, 404);
});

await check('executeMultiple runs a script and stops at the first error', async () => {
  await db.executeMultiple(`
    CREATE TABLE users (id text PRIMARY KEY, credits integer NOT NULL CHECK (credits >= 0));
    -- a comment; with a semicolon
    CREATE TABLE entries (id text PRIMARY KEY, amount integer NOT NULL);
    CREATE TRIGGER note AFTER INSERT ON entries BEGIN UPDATE users SET credits = credits; SELECT 1; END;
    INSERT INTO users VALUES ('ada', 10);`);
  assert.equal(await count('users'), 1n);
  await assert.rejects(db.executeMultiple("INSERT INTO users VALUES ('bob', 1); nonsense; INSERT INTO users VALUES ('cy', 1)"), refused('SQLITE_ERROR', /near "nonsense"/));
  assert.equal(await count('users'), 2n);
  await db.execute("DELETE FROM users WHERE id = 'bob'");
});

await check('every type of value comes back as it went, by position and by name', async () => {
  const values = [null, 9223372036854775807n, -9223372036854775808n, 1.5, 'naïve 🙂 "quoted"', '', new Uint8Array([1, 2, 3, 4])];
  const { rows, columns } = await db.execute({ sql: 'SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? AS f, ? AS g', args: values });
  assert.deepEqual(columns, ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  const [a, b, c, d, e, f, g] = columns.map(column => rows[0][column]);
  assert.deepEqual([a, b, c, d, e, f], values.slice(0, 6));
  assert.deepEqual(new Uint8Array(g), values[6]);
  const named = await db.execute({ sql: 'SELECT :a AS a, @b AS b, $c AS c, :a AS again', args: { a: 1n, b: 'two', c: null } });
  assert.deepEqual({ ...named.rows[0] }, { a: 1n, b: 'two', c: null, again: 1n });
});

await check('a JavaScript number is a float, and an INTEGER column stores it as an integer', async () => {
  await db.execute('CREATE TABLE numbers (whole INTEGER, any)');
  await db.execute({ sql: 'INSERT INTO numbers VALUES (?, ?)', args: [5, 5] });
  const types = await db.execute('SELECT typeof(whole) AS whole, typeof(any) AS any FROM numbers');
  assert.deepEqual({ ...types.rows[0] }, { whole: 'integer', any: 'real' });
});

await check('blobs leave without padding', async () => {
  const answer = await fetch(`${base_url}v2/pipeline`, { method: 'POST', body: JSON.stringify({ requests: [{ type: 'execute', stmt: { sql: "SELECT x'01020304'" } }, { type: 'close' }] }) });
  const body = await answer.json();
  assert.deepEqual(body.results[0].response.result.rows, [[{ type: 'blob', base64: 'AQIDBA' }]]);
  assert.equal(body.baton, null);
  assert.equal(body.base_url, null);
});

await check('counts, row ids and declared types', async () => {
  await db.execute('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)');
  const inserted = await db.execute("INSERT INTO things (name) VALUES ('a'), ('b')");
  assert.equal(inserted.rowsAffected, 2);
  assert.equal(inserted.lastInsertRowid, 2n);
  const returned = await db.execute("UPDATE things SET name = name || '!' WHERE id = 2 RETURNING id, name");
  assert.deepEqual({ ...returned.rows[0] }, { id: 2n, name: 'b!' });
  assert.equal(returned.rowsAffected, 1);
  const read = await db.execute('SELECT id, name, 1 AS one FROM things');
  assert.deepEqual(read.columnTypes, ['INTEGER', 'TEXT', '']);
  assert.equal(read.rowsAffected, 0);
  assert.equal(read.lastInsertRowid, undefined);
});

await check('arguments too many or too few, and two statements in one, are errors', async () => {
  await assert.rejects(db.execute({ sql: 'SELECT ?', args: [1, 2] }), refused('ARGS_INVALID'));
  await assert.rejects(db.execute({ sql: 'SELECT ?, ?', args: [1] }), refused('ARGS_INVALID'));
  await assert.rejects(db.execute({ sql: 'SELECT :a', args: { a: 1, b: 2 } }), refused('ARGS_INVALID'));
  await assert.rejects(db.execute('SELECT 1; SELECT 2'), refused('SQL_MANY_STATEMENTS'));
  await assert.rejects(db.execute('-- nothing'), refused('SQL_NO_STATEMENT'));
  await assert.rejects(db.execute('SELECT * FROM nowhere'), refused('SQLITE_ERROR', /no such table: nowhere/));
});

await check('a write batch is all or nothing', async () => {
  const [, spent] = await db.batch(['SELECT 1', { sql: 'UPDATE users SET credits = credits - ? WHERE id = ?', args: [3, 'ada'] }], 'write');
  assert.equal(spent.rowsAffected, 1);
  await assert.rejects(db.batch([
    "INSERT INTO entries VALUES ('one', 1)",
    "INSERT INTO entries VALUES ('one', 1)",
    "INSERT INTO entries VALUES ('two', 1)"], 'write'), refused('SQLITE_CONSTRAINT', /UNIQUE constraint failed: entries.id/));
  assert.equal(await count('entries'), 0n);
  assert.equal((await db.execute('SELECT credits FROM users')).rows[0].credits, 7n);
  assert.equal((await db.batch(['SELECT 1', 'SELECT 2'], 'read')).length, 2);
});

await check('an interactive transaction commits, rolls back, and goes on after an error', async () => {
  const first = await db.transaction('write');
  await first.execute({ sql: 'INSERT INTO entries VALUES (?, ?)', args: ['kept', 1n] });
  assert.equal(await count('entries'), 0n, 'nobody sees what is not committed');
  await assert.rejects(first.execute("INSERT INTO entries VALUES ('kept', 2)"), refused('SQLITE_CONSTRAINT'));
  await first.execute("INSERT INTO entries VALUES ('kept too', 2)");
  await first.commit();
  assert.equal(await count('entries'), 2n);

  const second = await db.transaction('write');
  await second.batch(["INSERT INTO entries VALUES ('gone', 1)", "INSERT INTO entries VALUES ('gone too', 1)"]);
  await second.rollback();
  assert.equal(await count('entries'), 2n);
});

await check('writers wait for each other, and are told when they waited too long', async () => {
  const holder = await db.transaction('write');
  await holder.execute('UPDATE users SET credits = credits + 1');
  const waiting = db.execute('UPDATE users SET credits = credits + 1');
  await holder.commit();
  await waiting;
  assert.equal((await db.execute('SELECT credits FROM users')).rows[0].credits, 9n);

  await control('/_sandbox/turso', { busy_timeout_ms: 20 });
  const again = await db.transaction('write');
  await again.execute('UPDATE users SET credits = 0');
  await assert.rejects(db.execute('UPDATE users SET credits = 1'), refused('SQLITE_BUSY', /database is locked/));
  assert.equal((await db.execute('SELECT credits FROM users')).rows[0].credits, 9n, 'readers do not wait');
  await again.rollback();
  await control('/_sandbox/turso', { busy: 1 });
  await assert.rejects((await db.transaction('write')).execute('SELECT 1'), refused('SQLITE_BUSY'));
  await control('/_sandbox/turso', {});
});

await check('a transaction that nobody goes on with expires and is rolled back', async () => {
  const idle = await db.transaction('write');
  await idle.execute("INSERT INTO entries VALUES ('idle', 1)");
  await control('/_sandbox/clock', { advance_seconds: 11 });
  await assert.rejects(idle.execute("INSERT INTO entries VALUES ('late', 1)"), refused('STREAM_EXPIRED', /expired due to inactivity/));
  assert.equal(await count('entries'), 2n);
  await db.execute("INSERT INTO entries VALUES ('free', 1)");
});

await check('batons change each time, serve once, and cannot be made up', async () => {
  const send = async baton => fetch(`${base_url}v3/pipeline`, { method: 'POST', body: JSON.stringify({ baton, requests: [{ type: 'get_autocommit' }, { type: 'execute', stmt: { sql: 'BEGIN' } }, { type: 'get_autocommit' }] }) });
  const first = await (await send(null)).json();
  assert.deepEqual(first.results.map(one => one.response.is_autocommit), [true, undefined, false]);
  const second = await (await send(first.baton)).json();
  assert.notEqual(second.baton, first.baton);
  assert.equal(second.results[1].error.code, 'SQLITE_ERROR');
  assert.equal(second.results[2].response.is_autocommit, false, 'all requests run after an error');
  for (const bad of [first.baton, `${second.baton.slice(0, -2)}AA`, 'nonsense']) {
    const answer = await send(bad);
    assert.equal(answer.status, 400);
    assert.equal(await answer.text(), 'Received an invalid baton');
  }
  assert.equal((await send(second.baton)).status, 200);
});

await check('stored texts, describe, conditions', async () => {
  const client = hrana.openHttp(base_url);
  client.intMode = 'bigint';
  const stream = client.openStream();
  const sql = stream.storeSql('SELECT $a AS a, ? AS b');
  const described = await stream.describe(sql);
  assert.deepEqual(described.paramNames, ['$a', undefined]);
  assert.deepEqual(described.columns.map(one => one.name), ['a', 'b']);
  assert.equal(described.isReadonly, true);
  assert.equal(described.isExplain, false);
  assert.equal((await stream.describe('DELETE FROM entries')).isReadonly, false);
  assert.equal((await stream.describe('EXPLAIN DELETE FROM entries')).isExplain, true);
  const row = await stream.queryRow(new hrana.Stmt(sql).bindName('a', 1n).bindIndexes([null, 2n]));
  assert.deepEqual([row.row.a, row.row.b], [1n, 2n]);
  sql.close();

  const batch = stream.batch(false);
  const good = batch.step();
  const goodValue = good.queryValue('SELECT 1');
  const bad = batch.step();
  const badValue = bad.queryValue('SELECT * FROM nowhere');
  const after = { ok: hrana.BatchCond.ok(bad), error: hrana.BatchCond.error(bad), not: hrana.BatchCond.not(hrana.BatchCond.ok(bad)) };
  const skipped = batch.step().condition(after.ok).queryValue('SELECT 2');
  const ran = batch.step().condition(hrana.BatchCond.and(batch, [after.error, after.not, hrana.BatchCond.ok(good)])).queryValue('SELECT 3');
  const either = batch.step().condition(hrana.BatchCond.or(batch, [after.ok, after.error])).queryValue('SELECT 4');
  badValue.catch(() => undefined);
  await batch.execute();
  assert.equal((await goodValue).value, 1n);
  await assert.rejects(badValue, /no such table/);
  assert.equal(await skipped, undefined);
  assert.equal((await ran).value, 3n);
  assert.equal((await either).value, 4n);
  client.close();
});

await check('an address of its own for each stream', async () => {
  await control('/_sandbox/turso', { sticky: true });
  const sticky = await db.transaction('write');
  await sticky.execute("INSERT INTO entries VALUES ('sticky', 1)");
  await sticky.commit();
  await control('/_sandbox/turso', {});
  assert.equal((await db.execute("SELECT amount FROM entries WHERE id = 'sticky'")).rows.length, 1);
  assert.ok((await control('/_sandbox/requests?provider=turso')).some(one => /^\/at\/\w+\/v2\/pipeline$/.test(one.path)));
});

await check('each namespace is a database of its own', async () => {
  const other = make({ url: `${base_url}dev/other/` });
  await assert.rejects(other.execute('SELECT * FROM users'), refused('SQLITE_ERROR'));
  await other.execute('CREATE TABLE users (id text)');
  assert.equal(await count('users', other), 0n);
});

await check('a token is asked for where one is set', async () => {
  await control('/_sandbox/turso', { auth_token: 'let-me-in' });
  await assert.rejects(db.execute('SELECT 1'), refused('AUTH_HTTP_HEADER_MISSING'));
  await assert.rejects(make({ authToken: 'wrong' }).execute('SELECT 1'), refused('AUTH_JWT_INVALID'));
  assert.equal((await make({ authToken: 'let-me-in' }).execute('SELECT 1 AS one')).rows[0].one, 1n);
  await control('/_sandbox/turso', {});
});

await check('faults strike before and after the effect', async () => {
  await control('/_sandbox/faults', { provider: 'turso', body: 'Received an invalid baton', status: 400, headers: { 'content-type': 'text/plain' } });
  await assert.rejects(db.execute("INSERT INTO entries VALUES ('never', 1)"), refused('SERVER_ERROR', /invalid baton/));
  await control('/_sandbox/faults', { provider: 'turso', drop: true, when: 'before' });
  await assert.rejects(db.execute("INSERT INTO entries VALUES ('lost before', 1)"));
  await control('/_sandbox/faults', { provider: 'turso', drop: true, when: 'after' });
  await assert.rejects(db.execute("INSERT INTO entries VALUES ('lost after', 1)"));
  const rows = await db.execute("SELECT id FROM entries WHERE id IN ('never', 'lost before', 'lost after')");
  assert.deepEqual(rows.rows.map(row => row.id), ['lost after']);
});

await check('a reset leaves an empty world', async () => {
  await control('/_sandbox/reset', {});
  await assert.rejects(db.execute('SELECT * FROM users'), refused('SQLITE_ERROR', /no such table/));
  assert.equal((await requests('turso', '/v2/pipeline', 1)).length, 1);
});
