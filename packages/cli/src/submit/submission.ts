import type { AgentTeam } from '@agentteam/api';
import { type Compiled, checkObject, formatProblems, read } from '@agentteam/compiler';
import { compileFile } from '../compile-file.ts';
import type { Context } from '../context.ts';
import { usageError } from '../failure.ts';
import type { Owner } from './owner.ts';

/** What a team file puts into a cluster. */
export interface Submission {
  /** What it becomes. */
  readonly compiled: Compiled;
  /** As the file has it: defaults are the API server's to fill in. */
  readonly team: Pick<AgentTeam, 'apiVersion' | 'kind' | 'metadata' | 'spec'>;
  /** ConfigMaps that stand in the same file. */
  readonly configMaps: readonly ConfigMapDocument[];
  /** Kinds of other documents, which are left alone. */
  readonly ignored: readonly string[];
}

export interface ConfigMapDocument {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: { readonly name: string };
}

/** @throws Failure with every problem of the file, as `validate` prints them. */
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
  if (document === undefined) throw usageError(`${file} holds no AgentTeam`);
  const inFile = document.object as unknown as Submission['team'];
  const team = name === undefined ? inFile : { ...inFile, metadata: { ...inFile.metadata, name } };
  // As it stands in the file it has been checked.
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
 * The namespace that a team goes to: the one that was named, else the file's.
 * @throws Failure where both are and differ, as kubectl does.
 */
export function namespaceOf({ team }: Submission, asked: string | undefined): string | undefined {
  const { namespace } = team.metadata;
  if (asked !== undefined && namespace !== undefined && asked !== namespace) {
    throw usageError(
      `the file is for namespace ${namespace}, and -n says ${asked}`,
      'Leave one of them out.',
    );
  }
  return asked ?? namespace;
}
