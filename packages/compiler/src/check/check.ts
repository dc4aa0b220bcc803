import { type AgentTeam, API_VERSION, agentTeamSchema } from '@agentteam/api';
import { NAMESPACE_NAME, OBJECT_NAME } from '@agentteam/contract';
import { type Problem, pathText } from '../problem.ts';
import type { ReadDocument } from '../read/read.ts';
import { checkMeaning } from './meaning.ts';
import { applyDefaults } from './schema/defaults.ts';
import { remainderOf } from './schema/remainder.ts';
import { type Kind, RESOURCES } from './schema/resources.ts';
import { checkRules } from './schema/rules.ts';
import { checkSchema } from './schema/schema.ts';
import { checkProvider } from './secrets/provider.ts';

export interface CheckResult {
  /** The team with its defaults filled in. Absent when there are problems. */
  readonly team?: AgentTeam;
  readonly problems: readonly Problem[];
}

/**
 * Checks an object from a cluster or a file and returns every problem. If some values do not match the schema,
 * the rest is still checked for other problems.
 */
export function checkObject(object: unknown): CheckResult {
  const shape = checkShape('AgentTeam', object);
  if (shape.length > 0) return { problems: [...shape, ...checkRemainder(object, shape)] };
  const team = applyDefaults(agentTeamSchema, object) as AgentTeam;
  const problems = [
    ...checkRules(agentTeamSchema, team),
    ...checkProvider(team),
    ...checkMeaning(team),
  ];
  return problems.length > 0 ? { problems } : { team, problems };
}

/** Problems of names that refer to something else in the team. */
const REFERENCE = /^unknown-/;

/**
 * Checks what can be checked of a team with values that do not match the schema. Rules between fields are skipped
 * where they read a value that is wrong or was removed: they would mistake it for one that is not set. A reference may
 * be to a value that was removed or filled in, so it is not reported then.
 */
function checkRemainder(given: unknown, shape: readonly Problem[]): readonly Problem[] {
  const { object, isReduced, lacksNames, filled } = remainderOf(given, shape);
  const hasWrongValues = isReduced || shape.some(({ code }) => code !== 'missing-field');
  const wrong = shape.filter(({ code }) => code !== 'missing-field' || isReduced).map(unknownPath);
  const unusable = checkSchema('AgentTeam', object).some(
    ({ code }) => code === 'wrong-type' || code === 'missing-field',
  );
  if (unusable) return [];
  const team = applyDefaults(agentTeamSchema, object) as AgentTeam;
  const found = [
    ...checkRules(agentTeamSchema, team, wrong),
    ...(hasWrongValues ? [] : checkProvider(team)),
    ...checkMeaning(team),
  ];
  const known = new Set([...shape.map(({ path }) => path), ...filled].map(pathText));
  return found.filter(
    ({ path, code }) => !known.has(pathText(path)) && !(lacksNames && REFERENCE.test(code)),
  );
}

/** Path of what a problem leaves unknown. A field that does not exist may be meant for any other one of its object. */
function unknownPath({ code, path }: Problem): Problem['path'] {
  return code === 'unknown-field' ? path.slice(0, -1) : path;
}

/** Checks the header of an object, and the object against the schema of its kind. */
export function checkShape(kind: Kind, object: unknown): readonly Problem[] {
  return [...checkHeader(kind, object), ...checkSchema(kind, object)];
}

/** Checks a document of a file. The problems have their positions in the text. */
export function checkDocument(document: ReadDocument): CheckResult {
  const { team, problems } = checkObject(document.object);
  return {
    ...(team && { team }),
    problems: problems.map(document.inText),
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
    problems.push({ code: 'wrong-kind', path: ['kind'], message: `expected kind ${wanted}` });
  }
  if (apiVersion !== API_VERSION) {
    const hint = `write apiVersion: ${API_VERSION}`;
    const message = `\`${shown(apiVersion)}\` is not a version of ${wanted}`;
    problems.push({ code: 'wrong-version', path: ['apiVersion'], message, hint });
  }
  const name: unknown = metadata?.name;
  const namespace: unknown = metadata?.namespace;
  if (
    namespace !== undefined &&
    (typeof namespace !== 'string' || !NAMESPACE_NAME.test(namespace))
  ) {
    const message = `\`${shown(namespace)}\` is not a valid name for a namespace`;
    const hint =
      'use lower-case letters, digits and hyphens, at most 63 characters; start and end with a letter or digit';
    problems.push({ code: 'bad-name', path: ['metadata', 'namespace'], message, hint });
  }
  if (typeof name !== 'string' || !OBJECT_NAME.test(name)) {
    const message =
      name === undefined
        ? '`metadata.name` is missing'
        : `\`${shown(name)}\` is not a valid name for a ${noun}`;
    const hint =
      typeof name === 'number' || typeof name === 'boolean'
        ? `put it in quotes: "${name}"`
        : 'use lower-case letters, digits, hyphens and dots, at most 253 characters; start and end each part between dots with a letter or digit';
    problems.push({ code: 'bad-name', path: ['metadata', 'name'], message, hint });
  }
  return problems;
}

/** Formats a value of any type for a sentence. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
