/** The JSON of lists that several specs share: most of a large team is its roster, over and over. */
const written = new WeakMap<object, string>();

/**
 * A spec as JSON that arrives as it was sent. Argo substitutes `{{…}}` wherever it finds it, and
 * more than once; Kubernetes expands `$(NAME)` in environment variables. Neither sees anything here:
 * in JSON both can be written with an escape that only `JSON.parse` undoes.
 */
export function specJson(spec: { readonly members?: readonly object[] }): string {
  const { members, ...own } = spec;
  const json = escaped(own);
  if (members === undefined) return json;
  const list = written.get(members) ?? escaped(members);
  written.set(members, list);
  return `${json.slice(0, -1)},"members":${list}}`;
}

/**
 * The same for the value of a parameter. Argo puts it into a template's JSON as Go quotes text
 * (strconv.Quote in util/template/simple_template.go), and Go's `\x7f` and `\U0001f642` are no JSON:
 * of what it writes so, nothing may be left.
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
