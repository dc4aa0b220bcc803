/** Values for the variables in a team's texts, which have the form of Go templates: `teams/{{.TeamName}}`. */
export interface TemplateValues {
  readonly TeamName: string;
  readonly Namespace: string;
}

export const TEMPLATE_VARIABLES = ['TeamName', 'Namespace'] as const;

const PLACEHOLDER = /\{\{\s*\.?([^{}]*?)\s*\}\}/g;

/** The names in `{{…}}` that are not variables. */
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
