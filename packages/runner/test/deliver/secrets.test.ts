import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { shell } from '../support/shell.ts';
import { output } from '../support/team.ts';
import {
  BRANCH,
  deliver,
  type Finished,
  finishedTeam,
  type Remote,
  serveRemote,
} from './support/delivery.ts';

const OLD = 'AKIAQYLPMN5HHHFPZAM2';
const NEW = 'AKIAQYLPMN5HHHFPZAM3';

let remote: Remote;
beforeEach(async () => {
  remote = await serveRemote({ 'a.txt': 'one\n', 'known.txt': `${OLD}\n` });
});
afterEach(() => remote.git.close());

const push = (team: Finished, accepted: readonly string[] = []) =>
  deliver(team, 'push-branch', undefined, [], 'main', true, accepted);

test('a likely secret in any commit stops the delivery until a person accepts it', async () => {
  const team = await finishedTeam(
    remote,
    `echo key = ${NEW} > keys.txt; git add keys.txt; git commit -qm one; git rm -q keys.txt; git commit -qm two; echo 2 > b.txt`,
  );
  const { result, log } = await push(team);
  expect({ result, log }).toMatchObject({ result: 68 });
  const [, id = ''] =
    /^- keys\.txt:1: AWS Access Key ID, [0-9a-f]+ by A Person, id ([0-9a-f]{12})\.$/m.exec(log) ??
    [];
  expect(log).toContain('lifecycle.acceptedSecrets');
  expect(log).not.toContain(NEW);
  expect(await shell(remote.bare, 'git branch --list')).toBe('* main');

  expect(await push(team, ['0123456789ab'])).toMatchObject({ result: 68 });
  expect(await push(team, [id])).toMatchObject({ result: 0 });
  expect(await shell(remote.bare, `git show ${BRANCH}:b.txt`)).toBe('2');
  expect(await output(team.place, 'outcome')).toContain(
    'one likely secret that lifecycle.accepted',
  );
});

test('a file whose name says that it holds secrets stops the delivery too', async () => {
  const team = await finishedTeam(remote, 'echo A=1 > .env; git add -f .env; git commit -qm env');
  const { result, log } = await push(team);
  expect(result).toBe(68);
  expect(log).toMatch(/^- \.env: a file that may hold secrets, /m);
});

test('credentials that the repository had before do not count', async () => {
  const team = await finishedTeam(
    remote,
    'git mv known.txt moved.txt; echo more >> moved.txt; head -c 300 /dev/urandom > bin',
  );
  expect(await push(team)).toMatchObject({ result: 0 });
});

test('a comment that disables the linter has no effect', async () => {
  const team = await finishedTeam(
    remote,
    `printf '// secretlint-disable\nkey = ${NEW} // secretlint-disable-line\n' > k.js; git add k.js; git commit -qm k`,
  );
  expect(await push(team)).toMatchObject({ result: 68 });
});

test('a secret is found under a name that begins with a line feed, and in a commit message', async () => {
  const team = await finishedTeam(
    remote,
    `echo key = ${NEW} > '\nkeys.txt'; git add .; git commit -qm one; git commit --allow-empty -qm 'use AKIAQYLPMN5HHHFPZAM4'`,
  );
  const { result, log } = await push(team);
  expect(result).toBe(68);
  expect(log).toMatch(/^- a file whose name begins with a line feed:1: AWS Access Key ID, /m);
  expect(log).toMatch(/^- the message of a commit: AWS Access Key ID, [0-9a-f]+ by A Person, /m);
});

test('a private key is found even if the repository already had another key of that kind', async () => {
  const [known, fresh] = [1, 2].map(() =>
    JSON.stringify({
      private_key: generateKeyPairSync('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      }).privateKey,
    }),
  );
  await remote.git.close();
  remote = await serveRemote({ 'test-key.json': `${known}\n` });
  const team = await finishedTeam(
    remote,
    `git mv test-key.json moved.json; echo '${fresh}' > account.json; git add .; git commit -qm account`,
  );
  const { result, log } = await push(team);
  expect(result).toBe(68);
  expect(log).toMatch(/^- account\.json:1: private key/im);
  expect(log).not.toContain('moved.json');
});

test('every secret on a line counts, not only the first', async () => {
  const team = await finishedTeam(
    remote,
    `echo '{"known":"${OLD}","fresh":"${NEW}"}' > keys.json; git add .; git commit -qm keys`,
  );
  expect(await push(team)).toMatchObject({ result: 68 });
});

test('a private key with short lines does not pass for a key that the repository had', async () => {
  await remote.git.close();
  remote = await serveRemote({ 'test.pem': pem('MIIEvQIBADANBgkqhkiG9w0BAQEFAASC') });
  const team = await finishedTeam(
    remote,
    `printf '%s' '${pem('MIIEowIBAAKCAQEAvb7Q2l5c9Xw4Zk1R')}' > new.pem; git mv test.pem moved.pem; echo >> moved.pem; git add .; git commit -qm key`,
  );
  const { result, log } = await push(team);
  expect(result).toBe(68);
  expect(log).toMatch(/^- new\.pem:1: private key/im);
  expect(log).not.toContain('moved.pem');
});

test.each([
  ['after a NUL', `printf 'a\\0b\n${NEW}\n' > data`],
  ['in UTF-16', `echo ${NEW} | iconv -t UTF-16LE > data`],
  [
    'in a file of several megabytes',
    `(head -c 3000000 /dev/zero | tr '\\0' '\n'; echo ${NEW}) > data`,
  ],
])('a secret %s is found', async (_name, script) => {
  const team = await finishedTeam(remote, `${script}; git add .; git commit -qm data`);
  const { result, log } = await push(team);
  expect(result).toBe(68);
  expect(log).toMatch(/^- data:\d+: AWS Access Key ID, /m);
});

test('a secret in the name of a file is found, unless the repository had the name', async () => {
  await remote.git.close();
  remote = await serveRemote({ [`${OLD}/a.txt`]: 'one\n' });
  const known = await finishedTeam(remote, `echo two > ${OLD}/b.txt`);
  expect(await push(known)).toMatchObject({ result: 0 });
  const team = await finishedTeam(remote, `mkdir ${NEW}; git mv ${OLD}/a.txt ${NEW}/a.txt`);
  const { result, log } = await push(team);
  expect(result).toBe(68);
  expect(log).toMatch(/^- the name of a file: AWS Access Key ID, [0-9a-f]+ by /m);
  expect(log).not.toContain(NEW);
});

test('more secrets than a person can review stop the delivery, even if all that are named are accepted', async () => {
  const keys = 'seq 100000 | awk \'{ printf "AKIAQYLPMN%010d\\n", $1 }\'';
  const team = await finishedTeam(remote, `${keys} > keys.txt; git add .; git commit -qm keys`);
  const { result, log } = await push(team);
  expect(result).toBe(68);
  expect(log).toMatch(/^- keys\.txt:1: AWS Access Key ID, /m);
  expect(log).toContain('- and perhaps others: there are too many to search the rest');
});

test('a secret at the border of two pieces is found once', async () => {
  const before = 64 * 1024 - 8;
  const team = await finishedTeam(
    remote,
    `(head -c ${before} /dev/zero | tr '\\0' '\\n'; echo ${NEW}) > data; git add .; git commit -qm data`,
  );
  const { result, log } = await push(team);
  expect(result).toBe(68);
  expect(log.match(/^- data:/gm)).toHaveLength(1);
});

/** A private key whose lines are shorter than its header. */
function pem(line: string): string {
  const body = Array.from(
    { length: 24 },
    (_, index) => `${line.slice(index)}${line.slice(0, index)}`,
  );
  return [
    '-----BEGIN RSA PRIVATE KEY-----',
    ...body.map((text) => text.slice(0, 24)),
    '-----END RSA PRIVATE KEY-----',
    '',
  ].join('\n');
}
