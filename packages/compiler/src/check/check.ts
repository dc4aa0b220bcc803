import { type AgentTeam, agentTeamSchema } from '@agentteam/api';
import { NAMESPACE_NAME, OBJECT_NAME } from '@agentteam/contract';
import { type Problem, pathText } from '../problem.ts';
import type { ReadDocument } from '../read/read.ts';
import { applyDefaults } from './defaults.ts';
import { checkMeaning } from './meaning.ts';
import { remainderOf } from './remainder.ts';
import { type Kind, RESOURCES } from './resources.ts';
import { checkRules } from './rules.ts';
import { checkSchema } from './schema.ts';

export interface CheckResult {
  /** With its defaults filled in; absent when there are problems. */
  readonly team?: AgentTeam;
  readonly problems: readonly Problem[];
}

/**
 * Checks an object from a cluster or a file, and finds every problem that can be told from the
 * others: where the shape is wrong, the meaning of what is left is looked at all the same.
 */
export function checkObject(object: unknown): CheckResult {
  const shape = checkShape('AgentTeam', object);
  if (shape.length > 0) return { problems: [...shape, ...checkRemainder(object, shape)] };
  const team = applyDefaults(agentTeamSchema, object) as AgentTeam;
  const problems = [...checkRules(agentTeamSchema, team), ...checkMeaning(team)];
  return problems.length > 0 ? { problems } : { team, problems };
}

/**
 * What can be said of a team whose shape is wrong. Not by its rules between fields: they would take
 * a field that was left out for one that nobody set.
 */
function checkRemainder(object: unknown, shape: readonly Problem[]): readonly Problem[] {
  const rest = remainderOf(object, shape);
  const unusable = checkSchema('AgentTeam', rest).some(
    ({ code }) => code === 'wrong-type' || code === 'missing-field',
  );
  if (unusable) return [];
  const known = new Set(shape.map(({ path }) => pathText(path)));
  const found = checkMeaning(applyDefaults(agentTeamSchema, rest) as AgentTeam);
  return found.filter(({ path }) => !known.has(pathText(path)));
}

/** The header and the schema of an object of one kind. */
export function checkShape(kind: Kind, object: unknown): readonly Problem[] {
  return [...checkHeader(kind, object), ...checkSchema(kind, object)];
}

/** The same for a document of a file: its problems know their place in the text. */
export function checkDocument(document: ReadDocument): CheckResult {
  const { team, problems } = checkObject(document.object);
  return {
    ...(team && { team }),
    problems: problems.map((problem) => ({ ...problem, ...document.locate(problem.path) })),
  };
}

function checkHeader(wanted: Kind, object: unknown): readonly Problem[] {
  const { apiVersion, kind, metadata } = (object ?? {}) as Partial<
    Record<keyof AgentTeam, unknown>
  > &
    Partial<Pick<AgentTeam, 'metadata'>>;
  const problems: Problem[] = [];
  const { noun } = RESOURCES[wanted];
  if (kind !== wanted) {
    problems.push({ code: 'wrong-kind', path: ['kind'], message: `this is no ${wanted}` });
  }
  if (apiVersion !== 'claude.amcheste.io/v1alpha1') {
    const hint = 'write apiVersion: claude.amcheste.io/v1alpha1';
    const message = `\`${shown(apiVersion)}\` is not a version of ${wanted}`;
    problems.push({ code: 'wrong-version', path: ['apiVersion'], message, hint });
  }
  const name: unknown = metadata?.name;
  const namespace: unknown = metadata?.namespace;
  if (
    namespace !== undefined &&
    (typeof namespace !== 'string' || !NAMESPACE_NAME.test(namespace))
  ) {
    const message = `no namespace can be called \`${shown(namespace)}\``;
    const hint = 'a DNS label: lower-case letters, digits and dashes, at most 63';
    problems.push({ code: 'bad-name', path: ['metadata', 'namespace'], message, hint });
  }
  if (typeof name !== 'string' || !OBJECT_NAME.test(name)) {
    const message =
      name === undefined
        ? '`metadata.name` is missing'
        : `no ${noun} can be called \`${shown(name)}\``;
    const hint = 'lower-case letters, digits, dashes and dots, at most 253';
    problems.push({ code: 'bad-name', path: ['metadata', 'name'], message, hint });
  }
  return problems;
}

/** A value of any kind, short enough for a sentence. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
