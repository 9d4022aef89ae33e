// An OpenID provider on the certified package oidc-provider, for tests; what it knows is in memory.
// node oidc_provider.mjs CONFIG NODE_MODULES; CONFIG is a JSON file with `port`, `key` (a private JWK) and `password`,
// which is everybody's, whatever their name. Clients register themselves (RFC 7591), so that every portal has its own.
import fs from 'node:fs'
import http from 'node:http'
import { pathToFileURL } from 'node:url'

const [config, modules] = process.argv.slice(2)
const { port, key, password } = JSON.parse(fs.readFileSync(config))
const { Provider } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`))

const claimsOf = (login) => ({
  sub: login, preferred_username: login, name: `${login} of the provider`, groups: ['staff'],
  email: `${login}@provider.test`, email_verified: true
})

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [key] },
  cookies: { keys: ['nothing but tests'] },
  responseTypes: ['code'],
  pkce: { required: () => true },
  claims: {
    openid: ['sub', 'amr'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups']
  },
  conformIdTokenClaims: false, // the claims of the scopes are in the ID token, too
  acrValues: ['urn:test:password', 'urn:test:mfa'],
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    clientCredentials: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true }, // by mail servers, of the tokens of others
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { logoutSource: (ctx, form) => { ctx.body = logoutPage(form) } }
  },
  fetch: (url, { dispatcher, ...options }) => fetch(url, options), // its own refuses loopback addresses
  findAccount: (ctx, login) => ({ accountId: login, claims: () => claimsOf(login) })
})
for (const event of ['server_error', 'backchannel.error', 'grant.error', 'authorization.error', 'end_session.error']) {
  provider.on(event, (ctx, error) => console.error(event, error.message, error.error_description ?? error.stack))
}

const page = (title, content) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
  <main><h1>${title}</h1>${content}</main></html>`

const logoutPage = (form) => page('Sign out here too?', `${form}
  <button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`)

const signInPage = (uid, wrong) => page('Sign in', `${wrong ? '<p role="alert">That was not right.</p>' : ''}
  <form method="post" action="/interaction/${uid}"><label>User <input name="login"></label>
  <label>Password <input name="password" type="password"></label><button>Go in</button></form>`)

async function consent (req, res, { params, session, grantId }) { // whatever is asked for is granted
  const grant = await provider.Grant.find(grantId) ??
    new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  const result = { consent: { grantId: await grant.save() } }
  await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true })
}

async function interact (req, res, uid) {
  const interaction = await provider.interactionDetails(req, res)
  if (interaction.prompt.name === 'consent') return consent(req, res, interaction)
  let body = ''
  for await (const chunk of req) body += chunk
  const form = new URLSearchParams(body)
  const login = form.get('login')
  if (!login || form.get('password') !== password) {
    res.writeHead(req.method === 'POST' ? 401 : 200, { 'content-type': 'text/html' })
    return res.end(signInPage(uid, req.method === 'POST'))
  }
  const acr = interaction.params.acr_values?.split(' ')[0] ?? 'urn:test:password'
  const amr = acr === 'urn:test:mfa' ? ['pwd', 'otp'] : ['pwd']
  await provider.interactionFinished(req, res, { login: { accountId: login, acr, amr } })
}

const answer = provider.callback()
http.createServer((req, res) => {
  const uid = /^\/interaction\/([\w-]+)$/.exec(req.url)?.[1]
  if (!uid) return answer(req, res)
  interact(req, res, uid).catch((error) => res.writeHead(400).end(error.message))
}).listen(port, '127.0.0.1')
