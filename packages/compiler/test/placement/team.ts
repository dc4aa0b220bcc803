import type { Template } from '@agentteam/argo';
import { type CompileOptions, compileText } from '../../src/index.ts';

/** A coding team, with YAML for the environments of the team, the lead and its teammate. */
export interface Environments {
  readonly team?: string;
  readonly lead?: string;
  readonly teammate?: string;
  /** Replaces `repository`. */
  readonly work?: string;
  /** Further fields of the teammate. */
  readonly more?: string;
}

export function teamText({ team, lead, teammate, work, more = '' }: Environments): string {
  return `apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: auth }
spec:
  ${work ?? 'repository: { url: "https://git.example/auth.git" }'}
  environment: ${team ?? '{}'}
  lead: { prompt: Coordinate., environment: ${lead ?? '{}'} }
  teammates:
    - { name: api, prompt: Write it., environment: ${teammate ?? '{}'}${more} }
  qualityGates: { validationScript: make test }
`;
}

/** The compiled pods of a team, by the name of the template. */
export function podsOf(
  environments: Environments,
  options: CompileOptions = {},
): Readonly<Record<string, Template>> {
  const { compiled, problems } = compileText(teamText(environments), options);
  if (compiled === undefined) throw new Error(JSON.stringify(problems));
  const { templates = [] } = compiled.workflow.spec;
  return Object.fromEntries(templates.map((template) => [template.name ?? '', template]));
}
