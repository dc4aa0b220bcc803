import type { AgentTeamTemplate } from '@agentteam/api';
import type { WorkflowTemplate } from '@agentteam/argo';
import { POD_SECURITY } from '../emit/container.ts';
import { PARAMETERS } from './parameters.ts';

/** Service account under which Argo's executor creates a run and waits for it. */
export const SUBMITTER = 'agentteam-submitter';

const ENTRYPOINT = 'run';

/** Fields of the run's status that become outputs of its step. */
const OUTPUTS: Readonly<Record<string, string>> = {
  phase: '{.status.phase}',
  cost: '{.status.estimatedCost}',
  'pull-request': '{.status.pullRequest.url}',
};

/**
 * Compiles a template to an Argo WorkflowTemplate, so that a team can be started from Argo's UI or with
 * `argo submit --from`. Its only step creates an AgentTeamRun and waits for it to end.
 */
export function workflowTemplate({ metadata, spec }: AgentTeamTemplate): WorkflowTemplate {
  const { name, namespace } = metadata;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTemplate',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'agentteam' },
      annotations: {
        'workflows.argoproj.io/title': `Agent team ${name}`,
        'workflows.argoproj.io/description': spec.description ?? 'Start a team of agents.',
      },
    },
    spec: {
      entrypoint: ENTRYPOINT,
      serviceAccountName: SUBMITTER,
      // The executor needs the token to call the API server.
      automountServiceAccountToken: true,
      securityContext: POD_SECURITY,
      arguments: { parameters: [...PARAMETERS] },
      templates: [
        {
          name: ENTRYPOINT,
          resource: {
            action: 'create',
            manifest: manifest(name),
            successCondition: 'status.phase == Completed',
            failureCondition: 'status.phase in (Failed, TimedOut, BudgetExceeded)',
          },
          outputs: {
            parameters: Object.entries(OUTPUTS).map(([output, jsonPath]) => ({
              name: output,
              valueFrom: { jsonPath, default: '' },
            })),
          },
        },
      ],
    },
  };
}

/**
 * The run that the step creates. Its name differs from the Workflow's, because the team's Workflow gets the
 * run's name. All parameters are inside one expression: when Argo substitutes a plain
 * `{{inputs.parameters.x}}`, it escapes characters such as DEL in a way that JSON does not allow.
 */
function manifest(template: string): string {
  const head = `"apiVersion":"claude.amcheste.io/v1alpha1","kind":"AgentTeamRun"`;
  const metadata = `"metadata":{"name":"{{workflow.name}}-team"}`;
  return `{${head},${metadata},"spec":{{=${runSpec(template)}}}}`;
}

/**
 * The run's spec as an expression that Argo evaluates to JSON. Argo ends a tag at the first `}}`, even inside
 * a string literal, so the expression must not contain two closing braces in a row.
 */
function runSpec(template: string): string {
  const given = (name: string) => `workflow.parameters['${name}']`;
  const has = (name: string) => `${given(name)} != ''`;
  const field = (key: string, name: string) =>
    `(${has(name)} ? '"${key}":' + ${jsonText(given(name))} : '')`;
  const repository = [
    `'"repository":{"url":' + ${jsonText(given('repository'))}`,
    `(${has('branch')} ? ',"branch":' + ${jsonText(given('branch'))} : '')`,
    `(${has('credentials-secret')} ? ',"credentialsSecret":' + ${jsonText(given('credentials-secret'))} : '')`,
    `'}'`,
  ].join(' + ');
  const inputs = `'"inputs":[{"mountPath":"/workspace/inputs","configMap":' + ${jsonText(given('input-config-map'))} + '}],'`;
  const workspace = `'"workspace":{' + (${has('input-config-map')} ? ${inputs} : '') + '"output":{} }'`;
  return [
    `'{"templateRef":{"name":${JSON.stringify(template)}},'`,
    `(${has('repository')} ? ${repository} : ${workspace})`,
    `',"auth":{"apiKeySecret":' + ${jsonText(given('api-key-secret'))} + '}'`,
    `',"lead":{"model":' + ${jsonText(given('model'))} + ',"prompt":' + ${jsonText(given('prompt'))} + '}'`,
    `',"lifecycle":{' + ${field('timeout', 'timeout')}`,
    `(${has('timeout')} && ${has('budget')} ? ',' : '')`,
    `${field('budgetLimit', 'budget')} + '} }'`,
  ].join(' + ');
}

/**
 * An expression for a parameter as a JSON string, whatever a person enters. In the result Argo substitutes tags
 * again and Kubernetes expands `$(NAME)`, so `{{` and `$(` are escaped. Argo also reads the manifest as YAML,
 * which does not allow the control characters from U+007F on: they become U+FFFD.
 */
function jsonText(value: string): string {
  const inert = `replace(replace(toJson(${value}), '{' + '{', '{\\\\u007b'), '$' + '(', '\\\\u0024(')`;
  return `sprig.regexReplaceAllLiteral('[\\u007f-\\u009f\\ufffe\\uffff]', ${inert}, '\\ufffd')`;
}
