import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { agentteam, started } from '../cli/cli.ts';
import type { Stored } from '../controller/cluster.ts';
import { team } from '../controller/teams.ts';
import type { Stage } from './stage.ts';
import { small, useStages } from './stages.ts';

const { site, open } = useStages();

/** The writer leaves a large file, its digest, and links that lead out of the volume. */
const SCRIPT = `
agents:
  writer:
    turns:
      - tools:
          - name: TaskList
          - name: Bash
            input:
              command: |
                cd /workspace/output && mkdir -p data && head -c 100000000 /dev/urandom > data/big.bin
                sha256sum data/big.bin > sums.txt
                ln -s /etc/passwd link && ln -s /etc data/etc
      - tools:
          - name: TaskUpdate
            input: { taskId: "\${task.writer}", status: completed }
            retries: 5
      - tools:
          - name: report
            input: { outcome: completed, summary: "It is written." }
`;
const SELECTED = ['-l', 'app.kubernetes.io/component=results'];

/** The options that select the stage's namespace, for the CLI. */
const where = (at: Stage): readonly string[] => [
  ...['-n', at.namespace],
  `--kubeconfig=${site().cluster.kubeconfig}`,
];
const inDirectory = () => ({ cwd: mkdtempSync(join(site().cluster.directory, 'fetched-')) });

/** The pods that read a volume and are not being deleted. */
async function readers(at: Stage): Promise<readonly Stored[]> {
  const pods = await site().cluster.list('v1', 'Pod', at.namespace);
  return pods.filter(
    ({ metadata }) =>
      metadata?.labels?.['app.kubernetes.io/component'] === 'results' &&
      metadata.deletionTimestamp === undefined,
  );
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Waits until a part of the file has arrived. */
async function partOf(file: string): Promise<number> {
  const part = `${file}.agentteam-part`;
  for (;;) {
    if (existsSync(file)) throw new Error(`${file} is complete already`);
    const bytes = existsSync(part) ? statSync(part).size : 0;
    if (bytes > 0) return bytes;
    await delay(10);
  }
}

test('the results of a team that has ended are fetched, and a transfer survives its end, its pod and Ctrl-C', async () => {
  const at = await open({ team: small('written'), script: SCRIPT });
  await at.start();
  expect((await at.ended()).phase).toBe('Completed');
  const { cwd } = inDirectory();
  const cli = (...args: readonly string[]) => agentteam([...args, ...where(at)], { cwd });

  const listed = await cli('outputs', 'written', '--json');
  const { files } = JSON.parse(listed.stdout);
  const paths = files.map(({ path }: { path: string }) => path);
  expect(paths).toEqual(expect.arrayContaining(['data/big.bin', 'report.md', 'sums.txt']));
  expect(paths.filter((path: string) => /link|etc/.test(path))).toEqual([]);
  expect(await readers(at)).toEqual([]);

  const mail = JSON.parse((await cli('messages', 'written', '--json', '--all', '--volume')).stdout);
  expect(mail).toContainEqual(expect.objectContaining({ from: 'writer', to: 'lead' }));
  expect(await readers(at)).toEqual([]);

  const big = join(cwd, 'killed/data/big.bin');
  const killed = started(['outputs', 'written', '--to', 'killed', ...where(at)], { cwd });
  await partOf(big);
  killed.kill('SIGKILL');
  await killed;
  expect(existsSync(big)).toBe(false);
  const had = statSync(`${big}.agentteam-part`).size;
  const [left = {} as Stored] = await readers(at);
  expect(left.spec.activeDeadlineSeconds).toBeGreaterThan(0);
  expect(left.metadata?.ownerReferences).toMatchObject([{ kind: 'AgentTeam', name: 'written' }]);
  await at.kubectl('delete', 'pods', ...SELECTED, '--wait');

  const continued = await cli('outputs', 'written', '--to', 'killed', '--json');
  expect(continued).toMatchObject({ exitCode: 0 });
  const copied = JSON.parse(continued.stdout).files as { path: string }[];
  expect(copied.find(({ path }) => path === 'data/big.bin')).toMatchObject({
    bytes: 100_000_000,
    continuedFrom: had,
  });
  const sums = await readFile(join(cwd, 'killed/sums.txt'), 'utf8');
  expect(await sha256(big)).toBe(sums.split(' ')[0]);
  expect(readdirSync(join(cwd, 'killed')).filter((name) => name.includes('part'))).toEqual([]);

  const lost = started(['outputs', 'written', '--to', 'lost', ...where(at)], { cwd });
  await partOf(join(cwd, 'lost/data/big.bin'));
  const [serving] = await readers(at);
  const { name = '', namespace = '' } = serving?.metadata ?? {};
  await site().cluster.delete({ apiVersion: 'v1', kind: 'Pod', name, namespace });
  const outcome = await lost;
  expect(outcome).toMatchObject({ exitCode: 0 });
  expect(outcome.stderr).toContain('The connection was interrupted');
  expect(await sha256(join(cwd, 'lost/data/big.bin'))).toBe(sums.split(' ')[0]);

  const report = await cli('report', 'written', '--format=markdown', '-o', '-');
  expect(report).toMatchObject({ exitCode: 0, stderr: '' });
  // The results, and what only the transcripts and the ledger have.
  expect(report.stdout).toContain(sums.trim());
  expect(report.stdout).not.toContain('not read');
  const detail = JSON.parse((await cli('get', 'written', '--detail', '--volume')).stdout);
  expect(detail.costs.length).toBeGreaterThan(0);
  expect(detail.agents[1]).toMatchObject({ name: 'writer', transcript: true });

  const interrupted = started(['outputs', 'written', '--to', 'again', ...where(at)], { cwd });
  await partOf(join(cwd, 'again/data/big.bin'));
  interrupted.kill('SIGINT');
  expect(await interrupted).toMatchObject({ exitCode: 130 });
  expect(await readers(at)).toEqual([]);
});

test('a branch that was not pushed is fetched as a bundle', async () => {
  const at = await open({
    repository: 'examples/auth-refactor/repository',
    team: ({ repositoryUrl }) => {
      const { spec, ...object } = team('unpushed');
      const { workspace: _workspace, ...others } = spec;
      const repository = { url: repositoryUrl };
      return { ...object, spec: { ...others, repository, lifecycle: { onComplete: 'none' } } };
    },
  });
  await at.start();
  expect((await at.ended()).phase).toBe('Completed');
  const { cwd } = inDirectory();
  const cli = (...args: readonly string[]) => agentteam([...args, ...where(at)], { cwd });
  const { branch } = JSON.parse((await cli('outputs', 'unpushed', '--json')).stdout);
  expect(await cli('outputs', 'unpushed', '--to', 'out')).toMatchObject({ exitCode: 0 });
  await execa('git', ['clone', '-q', '--branch', branch, 'out/result.bundle', 'clone'], { cwd });
  const authors = await execa('git', ['log', '--format=%an'], { cwd: join(cwd, 'clone') });
  expect(authors.stdout).toContain('writer');
  expect(await readers(at)).toEqual([]);
});
