import type { Container, UserContainer, Workflow } from '@agentteam/argo';
import { ENV } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/** Argo keeps copies of templates in the status, and etcd takes objects of 1.5 MiB. */
const MAX_WORKFLOW_BYTES = 512 << 10;
/** Linux takes environment variables of 128 KiB (MAX_ARG_STRLEN), name and end included. */
const MAX_SPEC_BYTES = 120 << 10;

/** Problems with the size of what was compiled; the prompts are what can be shortened. */
export function checkLimits(workflow: Workflow, team: ResolvedTeam): readonly Problem[] {
  const problems: Problem[] = [];
  const total = mayExceed(workflow) ? utf8Length(JSON.stringify(workflow)) : 0;
  if (total > MAX_WORKFLOW_BYTES) {
    problems.push({
      code: 'workflow-too-large',
      path: ['spec'],
      message: `the Workflow has ${total} bytes; a cluster takes ${MAX_WORKFLOW_BYTES}`,
      hint: largest(team),
    });
  }
  for (const { name: step, container } of workflow.spec.templates ?? []) {
    const spec = specOf(container);
    const bytes = spec.length * WIDEST > MAX_SPEC_BYTES ? utf8Length(spec) : 0;
    if (bytes <= MAX_SPEC_BYTES) continue;
    problems.push({
      code: 'step-too-large',
      path: ['spec'],
      message: `what the step ${step} is told has ${bytes} bytes; at most ${MAX_SPEC_BYTES} can be passed`,
      hint: largest(team),
    });
  }
  return problems;
}

/** Bytes that one unit of a string takes at most: in UTF-8, or escaped once more in JSON. */
const WIDEST = 3;

/**
 * Whether the Workflow may be too large. Few are near it, and every team is compiled: its specs,
 * most of it and JSON already, are not written once more to find that out.
 */
function mayExceed({ spec: { templates = [], ...spec }, ...rest }: Workflow): boolean {
  const containers = templates.flatMap(({ container, sidecars = [] }) => [container, ...sidecars]);
  const specs = containers.reduce((units, container) => units + specOf(container).length, 0);
  const bare = templates.map(({ container, sidecars, ...template }) => [
    template,
    withoutSpec(container),
    sidecars?.map(withoutSpec),
  ]);
  return (specs + JSON.stringify([rest, spec, bare]).length) * WIDEST > MAX_WORKFLOW_BYTES;
}

type AnyContainer = Container | UserContainer | undefined;

function specOf(container: AnyContainer): string {
  return container?.env?.find(({ name }) => name === ENV.spec)?.value ?? '';
}

function withoutSpec(container: AnyContainer): object | undefined {
  if (container === undefined) return undefined;
  const { env = [], ...rest } = container;
  return { ...rest, env: env.map((one) => (one.name === ENV.spec ? { ...one, value: '' } : one)) };
}

function largest(team: ResolvedTeam): string {
  const prompts = [...team.members]
    .sort((a, b) => b.prompt.length - a.prompt.length)
    .slice(0, 3)
    .map(({ name, prompt }) => `${name} (${prompt.length} characters)`);
  return `put long instructions into a file that the agents read; the longest prompts: ${prompts.join(', ')}`;
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** Bytes of a text in UTF-8. */
function utf8Length(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length;
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
