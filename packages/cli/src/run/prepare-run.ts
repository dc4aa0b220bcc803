import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { createRun } from '@agentteam/local';
import { StorageError, storageErrorOf } from '@agentteam/volume';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { imageNotes } from '../output/plan/images.ts';
import { type OpenRehearsal, openRehearsal } from '../rehearsal/open-rehearsal.ts';
import type { RehearsalSource } from '../rehearsal/rehearsal-source.ts';
import { type RehearsalRecord, type RunRecord, writeRecord } from '../teams/local/run-record.ts';
import { makeRunDirectory, runsDirectory } from '../teams/local/runs-directory.ts';
import { adjustTeam } from './adjust-team.ts';
import { type CheckedRun, checkRun } from './check-run.ts';
import { compileTeam } from './compile-team.ts';
import { resolveInputs } from './run-inputs.ts';
import type { RunOptions } from './run-options.ts';
import { runRepository } from './run-repository.ts';
import { notesOnRunsBeside } from './runs-beside.ts';

export interface PreparedRun {
  readonly record: RunRecord;
  readonly rehearsal?: OpenRehearsal;
  /** Remarks for the user, for example on inputs that were replaced by stand-ins. */
  readonly notes: readonly string[];
}

/**
 * Creates a run of a team file, ready to be executed. All problems are found before anything is written,
 * and a run that cannot be created leaves no files behind.
 * @throws Failure when the file, an option or an input is invalid.
 * @throws StorageError naming a path when the disk is full or not writable.
 */
export async function prepareRun(
  context: Context,
  file: string,
  options: RunOptions,
): Promise<PreparedRun> {
  const checked = await checkRun(context, file, options);
  const runs = runsDirectory(context, options.dir);
  try {
    return await makeRun(context, options, checked, runs);
  } catch (error) {
    const fault = error instanceof Failure ? undefined : storageErrorOf(error);
    // A failed write does not say to which file.
    if (fault === undefined || fault.path !== undefined) throw error;
    throw new StorageError(fault.fault, runs, { cause: error });
  }
}

async function makeRun(
  context: Context,
  options: RunOptions,
  checked: CheckedRun,
  runs: string,
): Promise<PreparedRun> {
  const run = await makeRunDirectory(runs, {
    name: checked.name,
    exact: options.name !== undefined,
  });
  const directory = join(runs, run);
  let rehearsal: OpenRehearsal | undefined;
  try {
    const output = resolve(context.cwd, options.output ?? join(directory, 'output'));
    const rehearsed = await rehearsalRecord(checked.source, directory);
    if (rehearsed !== undefined) {
      rehearsal = await openRehearsal(checked.compiled.team, rehearsed, { directory, output });
    }
    const { record, workflow, notes } = await recordOf(context, options, checked, {
      run,
      directory,
      output,
      ...(rehearsed !== undefined &&
        rehearsal !== undefined && {
          rehearsal: { ...rehearsed, port: rehearsal.port },
          rehearsalUrl: rehearsal.url,
        }),
    });
    createRun(directory, workflow);
    await writeRecord(runs, record);
    const all = [...notes, ...(await notesOnRunsBeside(runs, record))];
    return { record, notes: all, ...(rehearsal !== undefined && { rehearsal }) };
  } catch (error) {
    await rehearsal?.close();
    // The first error is reported, not a failure to clean up.
    await rm(directory, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

interface NewRun {
  /** Name of the run. */
  readonly run: string;
  readonly directory: string;
  readonly output: string;
  /** Absent for a real run. */
  readonly rehearsal?: RehearsalRecord;
  readonly rehearsalUrl?: string;
}

/** Makes the repository and the inputs of a run in its directory, and compiles the team for them. */
async function recordOf(
  { cwd, env }: Context,
  options: RunOptions,
  { compiled, budget, given, sandbox, recorded }: CheckedRun,
  { run, directory, output, rehearsal, rehearsalUrl }: NewRun,
): Promise<{
  readonly record: RunRecord;
  readonly workflow: Workflow;
  readonly notes: readonly string[];
}> {
  const isRehearsal = rehearsal !== undefined;
  const repository = await runRepository(compiled.team, {
    cwd,
    teamFile: compiled.file.path,
    runDirectory: directory,
    rehearsal: isRehearsal,
    env,
    ...(options.repository !== undefined && { given: options.repository }),
  });
  const team = adjustTeam(compiled.team, {
    ...budget,
    ...(repository.url !== undefined && { repositoryUrl: repository.url }),
    ...(rehearsalUrl !== undefined && { rehearsalUrl, fetch: recorded.fetch === true }),
  });
  const { workflow, warnings } = compileTeam(team, recorded, rehearsalUrl);
  const inputs = await resolveInputs({
    file: compiled.file,
    given,
    team,
    workflow,
    runDirectory: directory,
    output,
    rehearsal: isRehearsal,
  });
  return {
    workflow,
    record: {
      run,
      createdAt: new Date().toISOString(),
      team,
      sandbox,
      configMaps: inputs.configMaps,
      claims: inputs.claims,
      secrets: Object.fromEntries(given.secrets),
      approve: options.approve ?? [],
      options: recorded,
      ...(team.spec.workspace?.output !== undefined && { output }),
      ...(rehearsal !== undefined && { rehearsal }),
    },
    notes: [
      ...(recorded.containers === undefined ? imageNotes(compiled.team) : []),
      ...repository.notes,
      ...inputs.notes,
      ...sourceNotes(compiled.team, isRehearsal && recorded.fetch !== true),
      ...(isRehearsal ? [] : warnings.map(({ message }) => `Warning: ${message}`)),
    ],
  };
}

function sourceNotes({ spec }: AgentTeam, isReplaced: boolean): readonly string[] {
  const isFetched = [spec.lead, ...spec.teammates].some(
    ({ skills = [], plugins = [] }) =>
      plugins.length > 0 || skills.some(({ source }) => source.configMap === undefined),
  );
  if (!isReplaced || !isFetched) return [];
  return [
    'Skills and plugins: nothing is fetched in a rehearsal; add --fetch to try the real ones',
  ];
}

/** Copies a script into the run, so that a resumed run uses the same script if the original changes. */
async function rehearsalRecord(
  source: RehearsalSource | undefined,
  directory: string,
): Promise<RehearsalRecord | undefined> {
  switch (source?.kind) {
    case undefined:
      return undefined;
    case 'team':
      return { port: 0 };
    case 'recording':
      return { port: 0, recording: source.directory };
    case 'script': {
      const script = join(directory, 'rehearsal.yaml');
      await writeFile(script, source.text);
      return { port: 0, script, scriptOrigin: source.path };
    }
  }
}
