import type { AgentTeam } from '@agentteam/api';
import { type Compiled, checkObject, formatProblems, read } from '@agentteam/compiler';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';
import { compileFile } from '../../team-file.ts';

/** An object with which the API server's garbage collector deletes a team. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** The objects of a team file that are submitted to a cluster. */
export interface Submission {
  readonly compiled: Compiled;
  /** The team as it is in the file, without defaults, which the API server adds. */
  readonly team: Pick<AgentTeam, 'apiVersion' | 'kind' | 'metadata' | 'spec'>;
  /** ConfigMaps in the same file. */
  readonly configMaps: readonly ConfigMapDocument[];
  /** Kinds of other documents, which are not submitted. */
  readonly ignored: readonly string[];
}

export interface ConfigMapDocument {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: { readonly name: string };
}

/**
 * Reads a team file for a cluster.
 * @param name replaces the name in the file.
 * @throws Failure listing every problem, in the format of `validate`.
 */
export async function readSubmission(
  context: Context,
  file: string,
  name: string | undefined,
  owner?: Owner,
): Promise<Submission> {
  const compiled = await compileFile(context, file, { controller: { admission: true } });
  const { text } = compiled.file;
  const { teams, others } = read(text);
  const [document] = teams;
  if (document === undefined) throw usageError(`${file} contains no AgentTeam`);
  const inFile = document.object as unknown as Submission['team'];
  const team = name === undefined ? inFile : { ...inFile, metadata: { ...inFile.metadata, name } };
  // `compileFile` has checked the team with the name in the file.
  const problems = name === undefined ? [] : checkObject(team).problems;
  if (problems.length > 0) {
    throw usageError(`--name ${name}\n\n${formatProblems(problems, { file })}`);
  }
  const objects = others.map(({ object }) => object);
  return {
    compiled,
    team: {
      ...team,
      metadata: {
        ...team.metadata,
        ...(owner !== undefined && { ownerReferences: [owner] }),
      },
    },
    configMaps: objects.filter(isConfigMap),
    ignored: objects.filter((one) => !isConfigMap(one)).map((one) => String(one['kind'])),
  };
}

function isConfigMap(
  object: Readonly<Record<string, unknown>>,
): object is ConfigMapDocument & Readonly<Record<string, unknown>> {
  return object['kind'] === 'ConfigMap' && object['apiVersion'] === 'v1';
}

/**
 * The namespace of a team: that of the option `-n` or that of the file.
 * @throws Failure when they differ, as kubectl does.
 */
export function namespaceOf({ team }: Submission, option: string | undefined): string | undefined {
  const { namespace } = team.metadata;
  if (option !== undefined && namespace !== undefined && option !== namespace) {
    throw usageError(
      `the file is for namespace ${namespace}, but -n is ${option}`,
      'Remove one of them.',
    );
  }
  return option ?? namespace;
}
