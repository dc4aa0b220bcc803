/** Signs in, and returns the token. */
export async function signIn(call, name, password) {
  const { body } = await call('POST', '/login', { body: { name, password } });
  return body.token;
}
