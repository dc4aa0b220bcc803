// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to services look like that.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeNpmRegistry } from '../../../runner/test/gateway/services/npm-registry.ts';
import { temporaryDirectories } from '../temporary.ts';
import { CodingRun } from './coding/coding-run.ts';

const temporary = temporaryDirectories();

/** What a hostile agent tries. It prints the status of each answer, and everything that it can read. */
const ATTACK = `
import { readFileSync, readdirSync } from 'node:fs';
const base = process.env.npm_config_registry;
const headers = { authorization: 'Bearer mine', 'x-forwarded-host': 'evil.example' };
const statuses = [];
for (const path of ['..%2fadmin', '%2e%2e%2fadmin', '%252e%252e%252fadmin']) {
  statuses.push((await fetch(base + path, { headers, redirect: 'manual' })).status);
}
console.log('statuses', statuses.join(' '));
for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
  try { console.log(readFileSync('/proc/' + pid + '/environ', 'latin1')); } catch {}
}
console.log(JSON.stringify(process.env));
`;

test('an agent and a quality gate install a private package, and see no credential', async () => {
  const registry = await makeNpmRegistry();
  const cwd = await temporary();
  const secret = join(await temporary(), 'npm.env');
  await writeFile(secret, 'token=s3cret-of-npm\n');
  const run = await CodingRun.start(
    cwd,
    {
      files: {
        'package.json': '{"name":"app","private":true}',
        '.gitignore': 'node_modules\n',
        'attack.mjs': ATTACK,
      },
      spec: `
environment:
  services: [{ name: npm, url: "${registry.url}/npm", credentialsSecret: npm-token }]
  env:
    - { name: npm_config_registry, value: "\${services.npm}" }
    - { name: npm_config_omit_lockfile_registry_resolved, value: "true" }
    - { name: npm_config_audit, value: "false" }
teammates: [{ name: worker, prompt: Work. }]
qualityGates:
  validationScript: |
    npm ci --cache "$HOME/other-cache" && test "$(node -p "require('@acme/ui')")" = private
`,
      lifecycle: 'onComplete: push-branch',
      agents: `
worker:
  turns:
    - tools:
        - { name: Bash, input: { command: "npm install @acme/ui && node -p \\"require('@acme/ui')\\" > used.txt; node attack.mjs > attack.txt 2>&1" } }
    - tools:
        - { name: TaskUpdate, input: { taskId: "1", status: completed } }
        - { name: report, input: { outcome: completed, summary: Done. } }
    - text: Done.
team-lead:
  turns:
    - until: { ended: true }
      tools: [{ name: report, input: { outcome: completed, summary: All is done. } }]
    - text: Done.
`,
    },
    ['--secret', `npm-token=${secret}`],
  );
  const { exitCode, stdout, stderr } = run.outcome;
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
  const own = (file: string) => readFile(join(run.tree('worker'), file), 'utf8');
  expect(await own('used.txt')).toBe('private\n');
  expect(await own('package-lock.json')).not.toContain('127.0.0.1');
  const attack = await own('attack.txt');
  expect(attack).toContain('statuses 400 400 400');
  expect(attack).toMatch(/"npm_config_registry":"http:\/\/127\.0\.0\.1:/);
  expect(attack).not.toContain('s3cret-of-npm');
  // The worker, the quality gate, and no request past the base URL or without the credential.
  const tarball = '/npm/@acme/ui/-/ui-1.2.3.tgz 200';
  expect(registry.log.filter((line) => line === tarball)).toHaveLength(2);
  expect(registry.log.filter((line) => /admin| 401$/.test(line))).toEqual([]);
});
