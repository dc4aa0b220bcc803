import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentTeamRun } from '@agentteam/api';
import { checkRun, PARAMETER_NAMES, runSpecOf } from '@agentteam/compiler';
import { jsonForYaml } from '@agentteam/text';
import { expect, test } from '@jest/globals';
import type { Ref, Stored } from '../controller/cluster.ts';
import { team } from '../controller/teams.ts';
import { documents } from '../pipelines/files.ts';
import { argo } from './site.ts';
import type { Stage } from './stage.ts';
import { small, useStages } from './stages.ts';

const { site, open } = useStages();

/** Values that Argo, YAML, JSON or a shell could misinterpret. */
const HOSTILE: readonly string[] = [
  '"},"lifecycle":{"budgetLimit":"9999.00"},"x":{"y":"',
  "' + workflow.name + '",
  'ends here }} and }}}} and { { and {',
  '{{nothing}} {{=nothing()}} {{ {{{ ',
  '$(HOME) $$(X) \u0024{HOME} `id` $(ARGO_NODE_ID)',
  'line one\nspec: {a: b}\n---\n- |\n\ttab \\n \\u007b \\',
  'é 🙂 \u{e0001} \u007f \u0085 \u2028 <script>&amp;</script>',
];
const CONTROLLER = 'app.kubernetes.io/name=agentteam';
const KIND = { apiVersion: 'claude.amcheste.io/v1alpha1' } as const;

/** Submits with parameters from a file, so that no shell splits them. */
async function submitFrom(
  at: Stage,
  template: string,
  name: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const file = join(site().cluster.directory, `${name}.json`);
  // Argo parses the file as YAML.
  writeFileSync(file, jsonForYaml(parameters));
  return argo(
    site(),
    ...['submit', '-n', at.namespace, '--from', `workflowtemplate/${template}`],
    ...['--name', name, '--parameter-file', file],
  );
}

const inStage = (at: Stage, kind: string, name: string): Ref => ({
  ...KIND,
  kind,
  name,
  namespace: at.namespace,
});

const workflowEnds = (at: Stage, name: string): Promise<Stored> =>
  site().cluster.until(
    { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', name, namespace: at.namespace },
    (now) => ['Succeeded', 'Failed', 'Error'].includes(now?.status?.phase) && now,
  );

/** Characters that YAML does not allow in a manifest. */
const withoutControls = (parameters: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      value.replace(/[\u007f-\u009f]/g, '\ufffd'),
    ]),
  );

/** Waits up to two minutes for an object that a Workflow creates. @throws Error with Argo's status. */
async function createdBy(at: Stage, kind: string, workflow: string): Promise<Stored> {
  const name = `${workflow}-team`;
  await at
    .kubectl('wait', '--for=create', `${kind}/${name}`, '--timeout=120s')
    .catch(async (error: Error) => {
      const status = await at.kubectl('get', 'workflow', workflow, '-o', 'jsonpath={.status}');
      throw new Error(`${error.message}\n${status}`);
    });
  const created = await site().cluster.get(inStage(at, kind, name));
  if (created === undefined) throw new Error(`${kind} ${name} was deleted`);
  return created;
}

test('a run starts from the controller’s WorkflowTemplate with any values in its form', async () => {
  const at = await open({ team: small('stage') });
  const { teammates, lifecycle } = at.team.spec;
  await at.apply({
    ...KIND,
    kind: 'AgentTeamTemplate',
    metadata: { name: 'mailing' },
    spec: { description: 'Mails {{prospects}} }} {{=1+1}}', teammates, lifecycle },
  });
  await site().cluster.until(
    inStage(at, 'AgentTeamTemplate', 'mailing'),
    (now) => now?.status?.workflowTemplate === 'mailing',
  );
  // The stage has volumes for one team; the runs of all others are only created.
  await at.kubectl('scale', 'deployment', 'agentteam-controller', '--replicas=0');
  await at.kubectl('wait', '--for=delete', 'pods', '-l', CONTROLLER, '--timeout=60s');
  const auth = { 'api-key-secret': 'anthropic' };
  const everywhere = PARAMETER_NAMES.filter((one) => one !== 'prompt').map((parameter) => ({
    ...{ prompt: 'Write.', repository: '', ...auth },
    [parameter]: HOSTILE[0] ?? '',
  }));
  const typed = [...HOSTILE.map((prompt) => ({ prompt, ...auth })), ...everywhere];
  for (const [index, parameters] of typed.entries()) {
    const name = `typed-${index}`;
    await submitFrom(at, 'mailing', name, parameters);
    const metadata = { name: `${name}-team` };
    const spec = runSpecOf('mailing', withoutControls(parameters));
    const wanted = { ...KIND, kind: 'AgentTeamRun', metadata, spec } as AgentTeamRun;
    if (checkRun(wanted).problems.length > 0) {
      expect((await workflowEnds(at, name)).status.phase).not.toBe('Succeeded');
      continue;
    }
    const run = await createdBy(at, 'AgentTeamRun', name);
    expect(run.spec).toMatchObject(spec);
    await at.kubectl('delete', 'agentteamrun', metadata.name, '--wait');
  }
  await at.kubectl('scale', 'deployment', 'agentteam-controller', '--replicas=1');
  await submitFrom(at, 'mailing', 'ordinary', { prompt: 'Write.', ...auth });
  const { status } = await workflowEnds(at, 'ordinary');
  expect(status).toMatchObject({ phase: 'Succeeded' });
  expect(status.nodes.ordinary.outputs.parameters).toContainEqual(
    expect.objectContaining({ name: 'phase', value: 'Completed' }),
  );
});

test('the shipped WorkflowTemplates submit a team with any parameter values', async () => {
  const at = await open({ team: small('stage') });
  const image = `${site().image.repository}:${site().image.tag}`;
  for (const file of ['pipeline', 'submit-agentteam']) {
    for (const object of documents(`workflow-templates/${file}.yaml`)) await at.apply(object);
  }
  // Argo substitutes known variables in a submitted parameter.
  const prompt = HOSTILE.join('\n').replaceAll('{{', '{ {');
  const object = team('written', {}, at.namespace);
  object.spec.teammates[0].prompt = prompt;
  await submitFrom(at, 'submit-agentteam', 'submitted', { team: jsonForYaml(object), image });
  const submitted = await createdBy(at, 'AgentTeam', 'submitted');
  expect(submitted.spec.teammates[0].prompt).toBe(prompt);
  expect((await workflowEnds(at, 'submitted')).status.phase).toBe('Succeeded');
  for (const [index, value] of HOSTILE.entries()) {
    const name = `odd-${index}`;
    const odd = {
      team: jsonForYaml(team('odd', {}, at.namespace)),
      file: value,
      name: value,
      timeout: value,
      image,
    };
    await submitFrom(at, 'submit-agentteam', name, odd);
    // The name is invalid, so the step fails with a message of the CLI.
    const { status } = await workflowEnds(at, name);
    expect(status.phase).toBe('Failed');
  }
});
