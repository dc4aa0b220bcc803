import type { AgentTeamRunSpec } from '@agentteam/api';
import type { Parameter } from '@agentteam/argo';

/**
 * The parameters of a template's run. Argo's UI shows them as a form; `argo submit --from` and
 * `agentteam submit --from-template` take them as `-p NAME=VALUE`.
 */
export const PARAMETERS: readonly Parameter[] = [
  { name: 'prompt', description: 'Task of the lead.' },
  {
    name: 'repository',
    value: '',
    description: 'URL of the repository to clone. Empty: the team writes documents.',
  },
  {
    name: 'branch',
    value: '',
    description: "Branch that the work starts from. Empty: the repository's default branch.",
  },
  {
    name: 'credentials-secret',
    value: '',
    description: 'Secret with the credentials of the repository.',
  },
  { name: 'input-config-map', value: '', description: 'ConfigMap to mount at /workspace/inputs.' },
  { name: 'api-key-secret', value: 'anthropic-api-key', description: 'Secret with the API key.' },
  { name: 'model', value: 'opus', description: 'Model of the lead.' },
  {
    name: 'timeout',
    value: '',
    description: "Time limit, for example 90m. Empty: the template's.",
  },
  {
    name: 'budget',
    value: '',
    description: "Budget limit in US dollars, for example 10.00. Empty: the template's.",
  },
];

export const PARAMETER_NAMES: readonly string[] = PARAMETERS.map(({ name }) => name);

/**
 * The spec of a run with these parameters. The expression in the WorkflowTemplate gives the same spec.
 * @param template the template's name.
 * @param given values by parameter name; absent parameters have their defaults.
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
  const workspaceOrRepository =
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
            ...optional('branch', 'branch'),
            ...optional('credentialsSecret', 'credentials-secret'),
          },
        };
  // The API server fills in the defaults.
  return {
    templateRef: { name: template },
    ...workspaceOrRepository,
    auth: { apiKeySecret: textOf('api-key-secret') },
    lead: { model: textOf('model'), prompt: textOf('prompt') },
    lifecycle: { ...optional('timeout', 'timeout'), ...optional('budgetLimit', 'budget') },
  } as AgentTeamRunSpec;
}
