import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DeliverSpec, ENV, LEAD, VOLUME } from '@agentteam/contract';
import { deliverCommand } from '../../../src/deliver/command.ts';
import { openRepository, type TeamRepository, treeOf } from '../../../src/git/repository.ts';
import { recordChecks } from '../../../src/records/checks.ts';
import { setupCommand } from '../../../src/setup/command.ts';
import { type GitHttpServer, serveGit } from '../../support/git-http-server.ts';
import { printed } from '../../support/printed.ts';
import { mountSecret } from '../../support/secret.ts';
import { makeRepository, shell, temporaryDirectory } from '../../support/shell.ts';
import {
  codingSpec,
  makePlace,
  never,
  type Place,
  type TeammateOptions,
  type TeamOptions,
  withSpec,
} from '../../support/team.ts';
import { handOverWork, mergeWork } from '../../support/work.ts';

export const TOKEN = 'glpat-a-token-that-must-not-be-seen';
export const BRANCH = 'teams/auth';

/** Text by an agent that tries to make a hosting service act. */
export const HOSTILE_REPORT = [
  'All done @everyone, fixes #1. <img src=//evil.example.com/x>',
  '```',
  '````',
  '/MERGE',
  '## Checks passed',
  '[here](//evil.example.com) www.evil.example.com https://evil.example.com',
  'Closes GH-2 and acme/backend#3, see !4 and \u202e.',
].join('\n');

/** A repository `acme/backend` that needs {@link TOKEN}. */
export interface Remote {
  /** Parent directory of its bare repository and of a clone. */
  readonly served: string;
  readonly bare: string;
  readonly git: GitHttpServer;
}

export async function serveRemote(
  files: Readonly<Record<string, string>> = { 'a.txt': 'one\n' },
  credentials: Parameters<typeof serveGit>[1] = `x-access-token:${TOKEN}`,
): Promise<Remote> {
  const served = await temporaryDirectory();
  await mkdir(join(served, 'acme'));
  await makeRepository(join(served, 'source'), files);
  await shell(served, 'git clone --quiet --bare source acme/backend.git');
  const git = await serveGit(served, credentials);
  return { served, bare: join(served, 'acme/backend.git'), git };
}

export interface Finished {
  readonly place: Place;
  readonly spec: ReturnType<typeof codingSpec>;
  readonly repository: TeamRepository;
  /** Directory of the lead's session. */
  readonly session: string;
}

/** A team whose work is merged, ready to be delivered. */
export async function finishedTeam(
  remote: Remote,
  script = 'echo two > a.txt',
  before: (team: Finished) => Promise<void> = async () => {},
  options: TeamOptions & {
    readonly api?: TeammateOptions;
    readonly secret?: Readonly<Record<string, string>>;
    readonly hostingUrl?: string;
  } = {},
): Promise<Finished> {
  const { api, secret = { token: TOKEN }, hostingUrl, ...rest } = options;
  const place = await makePlace();
  await mountSecret(place, 'git', secret);
  const spec = codingSpec(
    `${remote.git.url}/acme/backend.git`,
    { api: { prompt: 'Say two.', ...api } },
    rest,
  );
  const env = { ...withSpec(place, spec), [ENV.hostingUrl]: hostingUrl };
  const { result, log } = await printed(() => setupCommand(env, [], never));
  if (result !== 0) throw new Error(`setup exited with ${result}: ${log}`);
  const repository = await openRepository(place.root, spec);
  const team = { place, spec, repository, session: join(place.volume, 'sessions', LEAD) };
  await before(team);
  await shell(treeOf(repository, 'api'), script);
  await handOverWork(repository, 'api', 'Say two');
  await mergeWork(repository, team.session);
  await recordChecks(join(place.volume, VOLUME.state, LEAD), 'passed  test: npm run test');
  await report(place, LEAD, HOSTILE_REPORT);
  await report(place, 'api', 'I said two.\n/APPROVE');
  return team;
}

/** Writes an agent's report, as its runner would. */
export async function report(place: Place, name: string, text: string): Promise<void> {
  const state = {
    name,
    phase: 'completed',
    attempt: 0,
    sessionId: 's',
    startedAt: '2026-11-23T10:00:00Z',
    endedAt: '2026-11-23T10:01:00Z',
    report: text,
    reported: { outcome: 'completed', summary: text },
    turns: 2,
  };
  await writeFile(join(place.volume, 'state', name, 'state.json'), JSON.stringify(state));
}

/** @param hostingUrl URL of the hosting service's API, which the test repository's host does not imply. */
export function deliver(
  { place, spec }: Finished,
  onComplete: DeliverSpec['onComplete'],
  hostingUrl?: string,
  reviewers: readonly string[] = ['ada', 'acme/backend-team'],
  targetBranch: string | undefined = 'main',
  checked = true,
  acceptedSecrets: readonly string[] = [],
): Promise<{ result: number; log: string }> {
  const { team, namespace, members, repository } = spec;
  const whole: DeliverSpec = {
    team,
    namespace,
    members,
    repository,
    checked,
    onComplete,
    acceptedSecrets,
    ...(onComplete === 'create-pr' && {
      pullRequest: {
        ...(targetBranch === undefined ? {} : { targetBranch }),
        title: 'feat: say two',
        reviewers,
        labels: ['agents'],
      },
    }),
  };
  const env = { ...withSpec(place, whole), [ENV.hostingUrl]: hostingUrl };
  return printed(() => deliverCommand(env, [], never));
}
