import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ENV } from '@agentteam/contract';
import { createRun } from '@agentteam/local';
import type { Context } from '../context.ts';
import { usageError } from '../failure.ts';
import { type OpenRehearsal, openRehearsal } from '../rehearsal/open-rehearsal.ts';
import { findRehearsalSource, type RehearsalSource } from '../rehearsal/rehearsal-source.ts';
import { compileFile } from '../team-file.ts';
import { type RehearsalRecord, type RunRecord, writeRecord } from '../teams/local/run-record.ts';
import { isRunName, makeRunDirectory, runsDirectory } from '../teams/local/runs-directory.ts';
import { adjustTeam } from './adjust-team.ts';
import { compileTeam } from './compile-team.ts';
import { checkApprovals } from './gatekeeper.ts';
import { checkNamed } from './inputs/named-paths.ts';
import { needsOf } from './inputs/needs.ts';
import { resolveSecrets } from './inputs/secrets.ts';
import { PRICES_CONFIG_MAP, readGivenInputs, resolveInputs } from './run-inputs.ts';
import type { RunOptions } from './run-options.ts';
import { runRepository } from './run-repository.ts';
import { checkReach, sandboxChoice, useSandbox } from './sandbox.ts';
import { allowsPrivate } from './senders.ts';

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
 */
export async function prepareRun(
  context: Context,
  file: string,
  options: RunOptions,
): Promise<PreparedRun> {
  const { cwd, env } = context;
  const { ANTHROPIC_BASE_URL: apiUrl, [ENV.hostingUrl]: hostingUrl } = env;
  const allowPrivateWebhooks = allowsPrivate(env);
  const compiled = await compileFile(context, file);
  const runs = runsDirectory(context, options.dir);
  // The name of the Workflow, because the name of a team may be too long for a file name.
  const name = options.name ?? compiled.workflow.metadata.name ?? '';
  if (!isRunName(name)) {
    throw usageError(
      `"${name}" is not a valid name for a run`,
      'Use --name with at most 100 lower-case letters, digits, hyphens and dots.',
    );
  }
  const budget = options.budget === undefined ? {} : { budget: options.budget };
  checkApprovals(compiled.team, options.approve ?? []);
  const given = await readGivenInputs(options, cwd);
  const source =
    options.rehearse === undefined
      ? undefined
      : await findRehearsalSource(options.rehearse, cwd, compiled.file.path, runs);
  const sandbox = sandboxChoice(options.sandbox, source !== undefined);
  useSandbox(sandbox, options.network);
  checkReach(options);
  const runOptions = {
    record: options.record === true,
    prices: given.prices !== undefined,
    ...(options.apiFeature === undefined ? {} : { apiFeatures: options.apiFeature }),
    keep: options.keep === true,
    ...(options.network === undefined ? {} : { network: options.network }),
    ...(options.reach === undefined ? {} : { reach: options.reach }),
    ...(apiUrl ? { apiUrl } : {}),
    ...(hostingUrl ? { hostingUrl } : {}),
    ...(allowPrivateWebhooks === false ? {} : { allowPrivateWebhooks }),
  };
  const draft = adjustTeam(compiled.team, budget);
  const { secrets, configMaps, claims } = needsOf(
    compileTeam(draft, runOptions, undefined).workflow,
  );
  const named = configMaps.filter(({ name }) => name !== PRICES_CONFIG_MAP);
  checkNamed(given.configMaps, named, '--configmap', 'ConfigMap');
  checkNamed(given.claims, claims, '--volume', 'volume claim');
  checkNamed(given.secrets, secrets, '--secret', 'Secret');
  await resolveSecrets(secrets, given.secrets, draft, env, source !== undefined);

  const run = await makeRunDirectory(runs, { name, exact: options.name !== undefined });
  const directory = join(runs, run);
  const output = resolve(cwd, options.output ?? join(directory, 'output'));
  let rehearsal: OpenRehearsal | undefined;
  try {
    const rehearsed = await rehearsalRecord(source, directory);
    rehearsal = rehearsed && (await openRehearsal(compiled.team, rehearsed, { directory, output }));
    const repository = await runRepository(compiled.team, {
      cwd,
      teamFile: compiled.file.path,
      runDirectory: directory,
      rehearsal: rehearsal !== undefined,
      env,
      ...(options.repository === undefined ? {} : { given: options.repository }),
    });
    const team = adjustTeam(compiled.team, {
      ...budget,
      ...(repository.url === undefined ? {} : { repositoryUrl: repository.url }),
      ...(rehearsal === undefined ? {} : { rehearsalUrl: rehearsal.url }),
    });
    const { workflow, warnings } = compileTeam(team, runOptions, rehearsal?.url);
    const inputs = await resolveInputs({
      file: compiled.file,
      given,
      team,
      workflow,
      runDirectory: directory,
      output,
      rehearsal: rehearsal !== undefined,
    });
    const record: RunRecord = {
      run,
      createdAt: new Date().toISOString(),
      team,
      sandbox,
      configMaps: inputs.configMaps,
      claims: inputs.claims,
      secrets: Object.fromEntries(given.secrets),
      approve: options.approve ?? [],
      options: runOptions,
      ...(team.spec.workspace?.output === undefined ? {} : { output }),
      ...(rehearsed === undefined || rehearsal === undefined
        ? {}
        : { rehearsal: { ...rehearsed, port: rehearsal.port } }),
    };
    createRun(directory, workflow);
    await writeRecord(runs, record);
    return {
      record,
      notes: [
        ...repository.notes,
        ...inputs.notes,
        ...(rehearsal === undefined ? warnings.map(({ message }) => `Warning: ${message}`) : []),
      ],
      ...(rehearsal === undefined ? {} : { rehearsal }),
    };
  } catch (error) {
    await rehearsal?.close();
    // The first error is reported, not a failure to clean up.
    await rm(directory, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
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
      return { port: 0, script };
    }
  }
}
