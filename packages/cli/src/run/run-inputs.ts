import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { read, teamClaimName } from '@agentteam/compiler';
import { FILES } from '@agentteam/contract';
import { PricesError, readPrices } from '@agentteam/ledger';
import { usageError } from '../failure.ts';
import type { TeamFile } from '../team-file.ts';
import type { RunRecord } from '../teams/local/run-record.ts';
import { TEAM_DIRECTORY } from '../teams/local/runs-directory.ts';
import { resolveClaims } from './inputs/claims.ts';
import { type ConfigMapFiles, configMapsIn } from './inputs/config-map-documents.ts';
import { resolveConfigMaps } from './inputs/config-maps.ts';
import { existingPaths } from './inputs/named-paths.ts';
import { needsOf } from './inputs/needs.ts';
import { keysOfConfigMaps } from './inputs/own-volumes.ts';
import type { RunOptions } from './run-options.ts';

/** Name of the ConfigMap made from `--prices`. */
export const PRICES_CONFIG_MAP = 'agentteam-prices';

/** Paths that options give for inputs, by name. All of them exist. */
export interface GivenInputs {
  readonly configMaps: ReadonlyMap<string, string>;
  readonly claims: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
  /** Text of the price table. */
  readonly prices?: string;
}

/** @throws Failure when a path does not exist or the price table is invalid. */
export async function readGivenInputs(options: RunOptions, cwd: string): Promise<GivenInputs> {
  const [configMaps, claims, secrets] = await Promise.all([
    existingPaths(options.configmap ?? {}, cwd, '--configmap'),
    existingPaths(options.volume ?? {}, cwd, '--volume'),
    existingPaths(options.secret ?? {}, cwd, '--secret'),
  ]);
  const prices =
    options.prices === undefined ? undefined : await readPriceFile(options.prices, cwd);
  return { configMaps, claims, secrets, ...(prices !== undefined && { prices }) };
}

async function readPriceFile(file: string, cwd: string): Promise<string> {
  const text = await readFile(resolve(cwd, file), 'utf8').catch(() => {
    throw usageError(`--prices ${file}: the file does not exist`);
  });
  try {
    await readPrices(text);
  } catch (error) {
    if (error instanceof PricesError) throw usageError(`--prices ${file}: ${error.message}`);
    throw error;
  }
  return text;
}

export interface InputSources {
  readonly file: TeamFile;
  readonly given: GivenInputs;
  readonly team: AgentTeam;
  readonly workflow: Workflow;
  readonly runDirectory: string;
  readonly output: string;
  readonly rehearsal: boolean;
}

/**
 * Makes directories for all ConfigMaps and claims that a run mounts.
 * @throws Failure listing the inputs that are missing.
 */
export async function resolveInputs(
  sources: InputSources,
): Promise<Pick<RunRecord, 'configMaps' | 'claims'> & { readonly notes: readonly string[] }> {
  const { file, given, team, workflow, runDirectory, rehearsal } = sources;
  const needs = needsOf(workflow);
  const inputs = join(runDirectory, 'inputs');
  const configMaps = await resolveConfigMaps(
    needs.configMaps,
    {
      given: given.configMaps,
      documents: withPrices(documentsOf(file.text), given.prices),
      teamFile: file.path,
      keys: keysOfConfigMaps(team),
      rehearsal,
    },
    join(inputs, 'configmaps'),
  );
  const { output } = team.spec.workspace ?? {};
  const claim = output?.pvc ?? `${workflow.metadata.name}-output`;
  const claims = await resolveClaims(
    needs.claims,
    {
      given: given.claims,
      rehearsal,
      ...(output !== undefined && { output: { claim, directory: sources.output } }),
    },
    join(inputs, 'claims'),
  );
  return {
    configMaps: Object.fromEntries(configMaps.directories),
    claims: {
      ...Object.fromEntries(claims.directories),
      [teamClaimName(workflow.metadata.name ?? '')]: TEAM_DIRECTORY,
    },
    notes: [...configMaps.notes, ...claims.notes],
  };
}

function documentsOf(text: string): ReadonlyMap<string, ConfigMapFiles> {
  return configMapsIn(read(text).others.map(({ object }) => object));
}

function withPrices(
  documents: ReadonlyMap<string, ConfigMapFiles>,
  prices: string | undefined,
): ReadonlyMap<string, ConfigMapFiles> {
  if (prices === undefined) return documents;
  const files: ConfigMapFiles = new Map([[FILES.prices, Buffer.from(prices)]]);
  return new Map([...documents, [PRICES_CONFIG_MAP, files]]);
}
