import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  ENV,
  LEAD,
  type MemberSpec,
  PATHS,
  type RepositoryRef,
  type Scope,
  type SetupSpec,
  VOLUME,
  worktreeOf,
} from '@agentteam/contract';
import {
  openRepository,
  ownRepository,
  type TeamRepository,
  treeOf,
} from '../../src/git/repository.ts';
import { setupCommand } from '../../src/setup/command.ts';
import { makeRepository, temporaryDirectory } from './shell.ts';

export const never: AbortSignal = new AbortController().signal;

/** The shared claim, and the root of a pod that mounts it, as the embedded engine makes them. */
export interface Place {
  readonly directory: string;
  readonly volume: string;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

export async function makePlace(): Promise<Place> {
  const directory = await temporaryDirectory();
  const volume = join(directory, 'volumes', 'team');
  const root = join(directory, 'pods', 'setup', 'root');
  await mount(root, PATHS.volume, volume);
  await mount(root, PATHS.repository, join(volume, VOLUME.repository));
  await mount(root, PATHS.state, join(volume, VOLUME.state));
  await mount(root, PATHS.ownState, join(volume, VOLUME.state, LEAD));
  return { directory, volume, root, env: { [ENV.root]: root, [ENV.engine]: 'local' } };
}

export async function mount(root: string, path: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await mkdir(dirname(`${root}${path}`), { recursive: true });
  await symlink(target, `${root}${path}`);
}

export interface TeammateOptions {
  readonly dependsOn?: readonly string[];
  readonly scope?: Scope;
  readonly prompt?: string;
}

/** Options of a team's spec besides its teammates. */
export interface TeamOptions extends Partial<RepositoryRef> {
  /** Scope of the lead. */
  readonly scope?: Scope;
}

export function include(...includePaths: string[]): Scope {
  return { includePaths, excludePaths: [] };
}

export function codingSpec(
  url: string,
  teammates: Readonly<Record<string, TeammateOptions>>,
  { scope, ...repository }: TeamOptions = {},
): SetupSpec & { readonly repository: RepositoryRef } {
  const ref: RepositoryRef = {
    url,
    branch: 'main',
    worktreeStrategy: 'per-teammate',
    resultBranch: 'teams/auth',
    setupCommand: [],
    ...repository,
  };
  const member = (name: string, options: TeammateOptions): MemberSpec => ({
    name,
    role: name === LEAD ? 'lead' : 'teammate',
    model: 'sonnet',
    prompt: options.prompt ?? `Do the part of ${name}.`,
    dependsOn: options.dependsOn ?? [],
    cwd: worktreeOf(name, name === LEAD ? 'per-teammate' : ref.worktreeStrategy),
    ...(options.scope === undefined ? {} : { scope: options.scope }),
  });
  return {
    team: 'auth',
    namespace: 'dev',
    members: [
      member(LEAD, scope === undefined ? {} : { scope }),
      ...Object.entries(teammates).map(([name, options]) => member(name, options)),
    ],
    repository: ref,
  };
}

export function withSpec(place: Place, spec: unknown): NodeJS.ProcessEnv {
  return { ...place.env, [ENV.spec]: JSON.stringify(spec) };
}

export interface CodingTeam extends Place {
  readonly spec: SetupSpec & { readonly repository: RepositoryRef };
  readonly repository: TeamRepository;
  /** The worktree of a member. */
  readonly tree: (agent: string) => string;
  /** The repository of a member. */
  readonly own: (agent: string) => string;
  /** A directory used as the lead's session. */
  readonly session: string;
}

/** A team in coding mode with a new local repository, set up. */
export async function makeCodingTeam(
  files: Readonly<Record<string, string>>,
  teammates: Readonly<Record<string, TeammateOptions>>,
  options: TeamOptions = {},
): Promise<CodingTeam> {
  const place = await makePlace();
  const source = join(place.directory, 'source');
  await makeRepository(source, files);
  const spec = codingSpec(source, teammates, options);
  const exitCode = await setupCommand(withSpec(place, spec), [], never);
  if (exitCode !== 0) throw new Error(`setup exited with ${exitCode}`);
  const repository = await openRepository(place.root, spec);
  return {
    ...place,
    spec,
    repository,
    tree: (agent) => treeOf(repository, agent),
    own: (agent) => ownRepository(repository, agent),
    session: join(place.volume, VOLUME.sessions, LEAD),
  };
}

export async function output(place: Place, name: string): Promise<string> {
  return readFile(join(`${place.root}${PATHS.outputs}`, name), 'utf8');
}
