import type { CompileOptions } from '@agentteam/compiler';
import { ConfigError } from './config-error.ts';

/** Where pods of teams run, and with what, as the cluster wants it of every team. */
export type PodOptions = NonNullable<CompileOptions['pods']> &
  Pick<NonNullable<CompileOptions['containers']>, 'agentResources' | 'stepResources'>;

/**
 * @param text a variable's value; undefined where it is not set.
 * @throws ConfigError naming the variable and what it takes.
 */
export function readPodOptions(text: (name: string) => string | undefined): PodOptions {
  const pullSecrets = text('AGENTTEAM_IMAGE_PULL_SECRETS')
    ?.split(',')
    .map((name) => name.trim());
  const nodeSelector = json(text, 'AGENTTEAM_NODE_SELECTOR', isTexts, '{"label":"value"}');
  const tolerations = json(text, 'AGENTTEAM_TOLERATIONS', isObjects, '[{"key":…}]');
  const affinity = json(text, 'AGENTTEAM_AFFINITY', isObject, '{"nodeAffinity":{…}}');
  const priorityClassName = text('AGENTTEAM_PRIORITY_CLASS');
  const runtimeClassName = text('AGENTTEAM_RUNTIME_CLASS');
  const podLabels = json(text, 'AGENTTEAM_POD_LABELS', isTexts, '{"label":"value"}');
  const podAnnotations = json(text, 'AGENTTEAM_POD_ANNOTATIONS', isTexts, '{"name":"value"}');
  const agentResources = json(text, 'AGENTTEAM_AGENT_RESOURCES', isObject, '{"requests":{…}}');
  const stepResources = json(text, 'AGENTTEAM_STEP_RESOURCES', isObject, '{"requests":{…}}');
  return {
    ...(pullSecrets !== undefined && { imagePullSecrets: pullSecrets }),
    ...(nodeSelector !== undefined && { nodeSelector }),
    ...(tolerations !== undefined && { tolerations }),
    ...(affinity !== undefined && { affinity }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    ...(runtimeClassName !== undefined && { runtimeClassName }),
    ...(podLabels !== undefined && { podLabels }),
    ...(podAnnotations !== undefined && { podAnnotations }),
    ...(agentResources !== undefined && { agentResources }),
    ...(stepResources !== undefined && { stepResources }),
  };
}

function json<T>(
  text: (name: string) => string | undefined,
  name: string,
  is: (value: unknown) => value is T,
  form: string,
): T | undefined {
  const given = text(name);
  if (given === undefined) return undefined;
  const value = parsed(given);
  if (is(value)) return value;
  throw new ConfigError(`${name}=${given}: JSON of the form ${form} is expected`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isObjects = (value: unknown): value is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) && value.every(isObject);
const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.values(value).every((one) => typeof one === 'string');
