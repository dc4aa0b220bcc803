import { once } from 'node:events';
import { access, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { agentteam } from '../../commands/agentteam.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: rt }
spec:
  repository: { url: "git@github.com:acme/none.git" }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: one, prompt: Work., scope: { includePaths: [src/] } }]
  lifecycle: { timeout: 30m }
`;

test('a result that was not pushed is shown with a command to fetch it, and deleted only with --yes', async () => {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), TEAM);
  const { stdout, exitCode } = await agentteam(['run', 'team.yaml', '--rehearse'], cwd);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  expect(stdout).toMatch(/^Branch +teams\/rt$/m);
  const [, command = ''] = /^Fetch +(git fetch .*)$/m.exec(stdout) ?? [];
  expect((await agentteam(['get', 'rt'], cwd)).stdout).toContain(command);

  const refused = await agentteam(['delete', 'rt'], cwd);
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
  expect(refused.stderr).toContain('rt has the only copy of teams/rt; it was not deleted');
  expect(refused.stderr).toContain('--yes');

  // The last step can be interrupted, or fail, while it replaces this repository.
  const kept = join(cwd, '.agentteam/rt/volumes/team/repository/result.git');
  await rename(kept, `${kept}.away`);
  expect((await agentteam(['delete', 'rt'], cwd)).stderr).toContain(
    'rt could not keep its result, and only it has the work of its agents so far; it was not deleted',
  );
  expect((await agentteam(['get', 'rt'], cwd)).stdout).not.toContain('result.git');
  await rename(`${kept}.away`, kept);

  // The command works in any clone.
  const clone = join(cwd, 'clone');
  await execa('git', ['init', '-q', clone]);
  await execa('sh', ['-c', command], { cwd: clone });
  const { stdout: log } = await execa('git', ['log', '--format=%s', 'teams/rt'], { cwd: clone });
  expect(log).toContain('one');

  expect(await agentteam(['delete', 'rt', '--yes'], cwd)).toMatchObject({ exitCode: 0 });
  await expect(access(join(cwd, '.agentteam/rt'))).rejects.toThrow('ENOENT');
});

test('a run whose setup failed is deleted without a question, and names no repository', async () => {
  const cwd = await temporary();
  const host = createServer((_request, response) => response.writeHead(404).end());
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  const { port } = host.address() as AddressInfo;
  const team = TEAM.replace(/url: ".*"/, `url: "http://127.0.0.1:${port}/rt.git"`);
  await writeFile(join(cwd, 'team.yaml'), team);
  const api = { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };
  const run = await agentteam(['run', 'team.yaml', '--no-sandbox'], cwd, api);
  host.close();
  expect(run).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('lead failed: ') });
  expect(run.stdout).not.toContain('result.git');
  expect(await agentteam(['delete', 'rt'], cwd)).toMatchObject({ exitCode: 0, stderr: '' });
});
