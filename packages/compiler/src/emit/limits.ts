import type { Container, Workflow } from '@agentteam/argo';
import { ENV } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { bytesAtMost, utf8Length, WIDEST } from './json-size.ts';

/** etcd takes objects of 1.5 MiB, and Argo's status of the nodes and their outputs needs the rest. */
const MAX_WORKFLOW_BYTES = 768 << 10;
/** Linux takes environment variables of 128 KiB (MAX_ARG_STRLEN), name and end included. */
const MAX_SPEC_BYTES = 120 << 10;

/** Problems with the size of what was compiled; the prompts are what can be shortened. */
export function checkLimits(workflow: Workflow, team: ResolvedTeam): readonly Problem[] {
  const problems: Problem[] = [];
  const total =
    bytesAtMost(workflow) > MAX_WORKFLOW_BYTES ? utf8Length(JSON.stringify(workflow)) : 0;
  if (total > MAX_WORKFLOW_BYTES) {
    problems.push({
      code: 'workflow-too-large',
      path: ['spec'],
      message: `the Workflow has ${total} bytes; a cluster takes ${MAX_WORKFLOW_BYTES}`,
      hint: largest(team),
    });
  }
  const { arguments: given, templates = [] } = workflow.spec;
  const told = [
    ...(given?.parameters ?? []).map(({ value = '' }) => ({ who: 'each pod', spec: value })),
    ...templates.map(({ name, container }) => ({
      who: `the step ${name}`,
      spec: specOf(container),
    })),
  ];
  for (const { who, spec } of told) {
    if (spec.length * WIDEST <= MAX_SPEC_BYTES) continue;
    const bytes = utf8Length(spec);
    if (bytes <= MAX_SPEC_BYTES) continue;
    problems.push({
      code: 'step-too-large',
      path: ['spec'],
      message: `what ${who} is told has ${bytes} bytes; at most ${MAX_SPEC_BYTES} can be passed`,
      hint: largest(team),
    });
  }
  return problems;
}

function specOf(container: Container | undefined): string {
  return container?.env?.find(({ name }) => name === ENV.spec)?.value ?? '';
}

function largest(team: ResolvedTeam): string {
  const { lead, teammates } = team;
  const prompts = [{ name: 'lead', prompt: lead.prompt }, ...teammates]
    .sort((a, b) => b.prompt.length - a.prompt.length)
    .slice(0, 3)
    .map(({ name, prompt }) => `${name} (${prompt.length} characters)`);
  return `put long instructions into a file that the agents read; the longest prompts: ${prompts.join(', ')}`;
}
