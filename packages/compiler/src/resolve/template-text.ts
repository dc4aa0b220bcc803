/** Go-template text as the team file uses it: `teams/{{.TeamName}}`. */
export interface TemplateValues {
  readonly TeamName: string;
  readonly Namespace: string;
}

export const TEMPLATE_VARIABLES = ['TeamName', 'Namespace'] as const;

const PLACEHOLDER = /\{\{\s*\.?([^{}]*?)\s*\}\}/g;

/** Names in `{{…}}` that stand for nothing. */
export function unknownVariables(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)]
    .map(([, name = '']) => name)
    .filter((name) => !TEMPLATE_VARIABLES.includes(name as keyof TemplateValues));
}

export function expandTemplate(text: string, values: TemplateValues): string {
  return text.replace(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name as keyof TemplateValues] : whole,
  );
}
