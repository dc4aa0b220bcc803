import { mkdir, mkdtemp, readdir, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EXIT,
  type FetchedSpec,
  type OciSource,
  PATHS,
  parseOciReference,
  under,
} from '@agentteam/contract';
import { proxiedFetch, readProxies } from '@agentteam/notify';
import { sizeText, writeJson } from '@agentteam/volume';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import { print } from '../../step/print.ts';
import { checkTree, skillDirectory } from './check-tree.ts';
import { withCommit } from './git-source.ts';
import { findLogin } from './oci/login.ts';
import { pull } from './oci/pull.ts';
import { Registry } from './oci/registry.ts';
import { findPlugin, preparePlugin } from './plugin.ts';
import { budgetOf } from './unpack.ts';

/** Name prefix of what is being fetched, which a killed attempt leaves behind. */
const UNFINISHED = '.unfinished-';

export interface FetchOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Value of `AGENTTEAM_ROOT`. */
  readonly root: string;
  /** Real path of `VOLUME.fetched`. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Whether everything is there. Setup then fetches nothing, so that restarts get the same files. */
export async function areFetched(
  directory: string,
  sources: readonly FetchedSpec[],
): Promise<boolean> {
  for (const { id } of sources) if (!(await exists(recordOf(directory, id)))) return false;
  return true;
}

/** What was fetched, beside its directory. Agents cannot write there. */
function recordOf(directory: string, id: string): string {
  return join(directory, `${id}.json`);
}

/**
 * Fetches the skills and plugins of a team that are not there yet.
 * @throws StepFailure that names the field of the team, and what to do.
 */
export async function fetchSources(
  sources: readonly FetchedSpec[],
  options: FetchOptions,
): Promise<void> {
  const { directory } = options;
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    if (name.startsWith(UNFINISHED)) await rm(join(directory, name), { recursive: true });
  }
  for (const source of sources) {
    if (await exists(recordOf(directory, source.id))) continue;
    await fetchOne(source, options);
  }
}

async function fetchOne(source: FetchedSpec, options: FetchOptions): Promise<void> {
  const { id, kind, name, field, timeoutSeconds } = source;
  const { directory, signal } = options;
  const late = AbortSignal.timeout(timeoutSeconds * 1000);
  const scratch = await mkdtemp(join(await realpath(tmpdir()), 'agentteam-fetch-'));
  const unfinished = await mkdtemp(join(await realpath(directory), UNFINISHED));
  try {
    const files = join(unfinished, 'files');
    await mkdir(files);
    const both = { ...options, signal: AbortSignal.any([signal, late]) };
    const { origin, content } = await fill(source, files, scratch, both);
    const { files: count, bytes } = await checkTree(content);
    await rm(join(directory, id), { recursive: true, force: true });
    await rename(content, join(directory, id));
    await writeJson(recordOf(directory, id), { origin, at: new Date().toISOString() });
    print(`${kind} ${name}: ${origin} (${count} files, ${sizeText(bytes)})`);
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) {
      const message = `fetching the ${kind} ${name} took longer than ${timeoutSeconds} s: set timeout to a longer time, or see why it is slow (${field})`;
      throw new StepFailure(message, EXIT.refused, error);
    }
    if (!(error instanceof StepFailure)) throw error;
    throw new StepFailure(
      `the ${kind} ${name} (${field}): ${error.message}`,
      error.exitCode,
      error,
    );
  } finally {
    for (const path of [scratch, unfinished]) {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

interface Filled {
  /** What was fetched, with its digest or commit. */
  readonly origin: string;
  /** The directory with the skill or plugin. */
  readonly content: string;
}

async function fill(
  source: FetchedSpec,
  target: string,
  scratch: string,
  options: FetchOptions,
): Promise<Filled> {
  const { from, maxBytes } = source;
  const budget = budgetOf(maxBytes);
  if (from.kind === 'oci') {
    const { registry, reference } = await openRegistry(from, options);
    const digest = await pull({
      registry,
      reference,
      target,
      scratch,
      budget,
      signal: options.signal,
    });
    const origin = `${from.reference.replace(/@.*/, '')}@${digest}`;
    return { origin, content: await skillDirectory(target) };
  }
  const { url, path = '', credentialsSecret = '' } = from;
  const credentials = under(options.root, `${PATHS.credentials}/fetch/${credentialsSecret}`);
  return withCommit(from, credentials, scratch, options, async (fetched) => {
    const origin = `${url}@${fetched.commit}`;
    if (source.kind === 'skill') {
      await fetched.copy(path, target, budget);
      return { origin, content: await skillDirectory(target) };
    }
    const plugin = await findPlugin(fetched, source.name);
    await fetched.copy(plugin.path, target, budget);
    await checkTree(target);
    await preparePlugin(target, source.name, plugin.entry, source.settings === 'all');
    return { origin, content: target };
  });
}

async function openRegistry(
  { reference: text, pullSecrets }: OciSource,
  { env, root, signal }: FetchOptions,
) {
  const reference = parseOciReference(text);
  if ('problem' in reference) throw new StepFailure(`it ${reference.problem}`, EXIT.invalid);
  const secrets = under(root, `${PATHS.credentials}/registry`);
  const login = await findLogin(secrets, pullSecrets, reference);
  const fetch = proxiedFetch(readProxies(env));
  return { reference, registry: new Registry({ reference, login, fetch, signal }) };
}
