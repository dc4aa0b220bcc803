import type { AgentTeamRunSpec } from '@agentteam/api';
import type { Parameter } from '@agentteam/argo';

/**
 * What a run of a template is told, whoever starts it: the form of Argo's UI, `argo submit --from`,
 * and `agentteam submit --from-template`, the latter two with `-p NAME=VALUE`.
 */
export const PARAMETERS: readonly Parameter[] = [
  { name: 'prompt', description: 'What the lead is asked to do.' },
  { name: 'repository', value: '', description: 'URL to clone. Empty: the team writes documents.' },
  { name: 'branch', value: 'main', description: 'Branch that the work starts from.' },
  { name: 'credentials-secret', value: '', description: 'Secret for the repository.' },
  { name: 'input-config-map', value: '', description: 'ConfigMap to read, in /workspace/inputs.' },
  { name: 'api-key-secret', value: 'anthropic-api-key', description: 'Secret for the API.' },
  { name: 'model', value: 'opus', description: 'Model of the lead.' },
  { name: 'timeout', value: '', description: "Longest duration, e.g. 90m. Empty: the template's." },
  { name: 'budget', value: '', description: "Most US dollars, e.g. 10.00. Empty: the template's." },
];

export const PARAMETER_NAMES: readonly string[] = PARAMETERS.map(({ name }) => name);

/**
 * The spec of a run with these parameters: the same as the WorkflowTemplate's expression comes to.
 * @param template the template's name.
 * @param given values by name; what is absent has its default.
 */
export function runSpecOf(
  template: string,
  given: Readonly<Record<string, string>>,
): AgentTeamRunSpec {
  const textOf = (name: string): string =>
    given[name] ?? PARAMETERS.find((one) => one.name === name)?.value ?? '';
  const optional = (field: string, name: string) =>
    textOf(name) === '' ? {} : { [field]: textOf(name) };
  const configMap = textOf('input-config-map');
  const place =
    textOf('repository') === ''
      ? {
          workspace: {
            ...(configMap !== '' && { inputs: [{ mountPath: '/workspace/inputs', configMap }] }),
            output: {},
          },
        }
      : {
          repository: {
            url: textOf('repository'),
            branch: textOf('branch'),
            ...optional('credentialsSecret', 'credentials-secret'),
          },
        };
  // Defaults are the API server's to fill in.
  return {
    templateRef: { name: template },
    ...place,
    auth: { apiKeySecret: textOf('api-key-secret') },
    lead: { model: textOf('model'), prompt: textOf('prompt') },
    lifecycle: { ...optional('timeout', 'timeout'), ...optional('budgetLimit', 'budget') },
  } as AgentTeamRunSpec;
}
