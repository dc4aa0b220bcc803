import type { AgentTeam } from '@agentteam/api';
import { BASE_URLS, ENV } from '@agentteam/contract';
import { type Context, note } from '../context.ts';
import { usageError } from '../failure.ts';
import { checkAgents } from '../rehearsal/load-script.ts';
import {
  findRehearsalSource,
  parseRehearsalScript,
  type RehearsalSource,
} from '../rehearsal/rehearsal-source.ts';
import { type CompiledFile, compileFile } from '../team-file.ts';
import type { RunRecord, SandboxChoice } from '../teams/local/run-record.ts';
import { isRunName, runsDirectory } from '../teams/local/runs-directory.ts';
import { type Adjustments, adjustTeam } from './adjust-team.ts';
import { checkContainers } from './check-containers.ts';
import { compileTeam } from './compile-team.ts';
import { checkApprovals } from './gatekeeper.ts';
import { prepareImageContainers } from './image-containers.ts';
import { checkNamed } from './inputs/named-paths.ts';
import { needsOf } from './inputs/needs.ts';
import { checkOwnVolumes } from './inputs/own-volumes.ts';
import { resolveSecrets } from './inputs/secrets.ts';
import { type GivenInputs, PRICES_CONFIG_MAP, readGivenInputs } from './run-inputs.ts';
import type { RunOptions } from './run-options.ts';
import { checkReach, sandboxChoice, useSandbox } from './sandbox.ts';
import { allowsPrivate } from './senders.ts';
import { unreachableWebhooks } from './unreachable-webhooks.ts';

/** What is known about a run before anything is written. */
export interface CheckedRun {
  readonly compiled: CompiledFile;
  /** Preferred name of the run. */
  readonly name: string;
  readonly budget: Pick<Adjustments, 'budget'>;
  readonly given: GivenInputs;
  /** Undefined for a real run. */
  readonly source: RehearsalSource | undefined;
  readonly sandbox: SandboxChoice;
  readonly recorded: RunRecord['options'];
}

/** @throws Failure when the file, an option or an input is invalid. */
export async function checkRun(
  context: Context,
  file: string,
  options: RunOptions,
): Promise<CheckedRun> {
  const { cwd, env } = context;
  const compiled = await compileFile(context, file);
  const runs = runsDirectory(context, options.dir);
  // The name of the Workflow, because the name of a team may be too long for a file name.
  const name = options.name ?? compiled.workflow.metadata.name ?? '';
  if (!isRunName(name)) {
    throw usageError(
      `\`${name}\` is not a valid name for a run`,
      'Use --name with at most 100 lower-case letters, digits, hyphens and dots.',
    );
  }
  checkApprovals(compiled.team, options.approve ?? []);
  if (options.output !== undefined && compiled.team.spec.workspace?.output === undefined) {
    throw usageError('--output needs a team with spec.workspace.output');
  }
  const given = await readGivenInputs(options, cwd);
  const source =
    options.rehearse === undefined
      ? undefined
      : await findRehearsalSource(options.rehearse, cwd, compiled.file.path, runs);
  if (source?.kind === 'script') {
    checkAgents(parseRehearsalScript(source.text, source.path), compiled.team, source.path);
  }
  const imageEngine = checkContainers(options, compiled.team, env);
  const sandbox = sandboxChoice(options.sandbox, source !== undefined && imageEngine === undefined);
  const sandboxed = useSandbox(sandbox, options.network);
  checkReach(options);
  const budget = options.budget === undefined ? {} : { budget: options.budget };
  const recorded = {
    ...recordedOptions(options, compiled.team, env, given.prices !== undefined),
    ...(imageEngine !== undefined && { containers: imageEngine }),
  };
  const fetch = source === undefined || options.fetch === true;
  const draft = adjustTeam(compiled.team, { ...budget, fetch });
  checkOwnVolumes(draft);
  if (source === undefined) {
    const silent = unreachableWebhooks(draft, allowsPrivate(env));
    note(context, ...silent.map((sentence) => `! ${sentence}`));
  }
  const { workflow } = compileTeam(draft, recorded, undefined);
  const { secrets, configMaps, claims } = needsOf(workflow);
  const named = configMaps.filter((need) => need.name !== PRICES_CONFIG_MAP);
  checkNamed(given.configMaps, named, '--configmap', 'ConfigMap');
  checkNamed(given.claims, claims, '--volume', 'volume claim');
  checkNamed(given.secrets, secrets, '--secret', 'Secret');
  await resolveSecrets(secrets, given.secrets, draft, env, source !== undefined);
  await prepareImageContainers(context, workflow, {
    sandbox: sandboxed,
    network: options.network,
    imageEngine,
  });
  return { compiled, name, budget, given, source, sandbox, recorded };
}

/** The options and environment variables that a run keeps, so that it continues in the same way. */
function recordedOptions(
  { record, apiFeature, fetch, keep, network, reach }: RunOptions,
  { spec }: AgentTeam,
  env: Context['env'],
  prices: boolean,
): RunRecord['options'] {
  const { [ENV.tokenUrl]: tokenUrl, [ENV.hostingUrl]: hostingUrl } = env;
  // Claude Code's base URL of Vertex AI ends in the version, which is part of each path here.
  const apiUrl = env[BASE_URLS[spec.auth?.provider ?? 'anthropic']]?.replace(/\/v1\/?$/, '');
  const allowPrivateWebhooks = allowsPrivate(env);
  return {
    record: record === true,
    prices,
    keep: keep === true,
    ...(fetch === true && { fetch }),
    ...(apiFeature !== undefined && { apiFeatures: apiFeature }),
    ...(network !== undefined && { network }),
    ...(reach !== undefined && { reach }),
    ...(apiUrl && { apiUrl }),
    ...(tokenUrl && { tokenUrl }),
    ...(hostingUrl && { hostingUrl }),
    ...(allowPrivateWebhooks !== false && { allowPrivateWebhooks }),
  };
}
