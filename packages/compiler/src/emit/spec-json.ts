/** The JSON of member lists, which several specs share: in a large team they are most of the Workflow. */
const cache = new WeakMap<object, string>();

/**
 * Writes a spec as JSON that reaches the container unchanged. Argo substitutes `{{…}}` everywhere, more than
 * once, and Kubernetes expands `$(NAME)` in environment variables. Both are written here with an escape that
 * only `JSON.parse` undoes.
 */
export function specJson(spec: { readonly members?: readonly object[] }): string {
  const { members } = spec;
  if (members === undefined) return escaped(spec);
  // JSON omits an undefined field. To copy all other fields instead takes as long as the JSON itself.
  const json = escaped({ ...spec, members: undefined });
  const list = cache.get(members) ?? escaped(members);
  cache.set(members, list);
  return `${json.slice(0, -1)},"members":${list}}`;
}

/**
 * Writes a spec for the value of a Workflow parameter. Argo puts the value into a template's JSON as Go
 * quotes text (strconv.Quote in util/template/simple_template.go). Go's `\x7f` and `\U0001f642` are not JSON,
 * so the characters that Go writes in this way are escaped first.
 */
export function parameterJson(spec: { readonly members?: readonly object[] }): string {
  return specJson(spec).replace(
    /[\x7f\ud800-\udfff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escaped(value: object): string {
  return JSON.stringify(value).replaceAll('{{', '{\\u007b').replaceAll('$(', '\\u0024(');
}
