// Other people's JavaScript clients against the simulator: npm intuit-oauth and node-quickbooks.
//
// Neither was written with the simulator in mind, so what they accept and refuse says whether it behaves like QuickBooks.
// SIMULATOR_BIN names the program; it is started here on a free port.
'use strict';

const { test, before, after, beforeEach } = require('node:test');
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const readline = require('node:readline');
const OAuthClient = require('intuit-oauth');
const QuickBooks = require('node-quickbooks');

const REALM = '9341450000000001'; // Quebec: GST and QST
const US_REALM = '9341450000000004'; // United States, automated tax
const CALLBACK = 'http://localhost:8080/callback';

let simulator;
let url;

before(async () => {
  simulator = spawn(process.env.SIMULATOR_BIN, ['--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of readline.createInterface({ input: simulator.stdout })) {
    url = line;
    break;
  }
  OAuthClient.environment.sandbox = `${url}/`;
  QuickBooks.V3_ENDPOINT_BASE_URL = `${url}/v3/company/`;
  QuickBooks.TOKEN_URL = `${url}/oauth2/v1/tokens/bearer`;
  QuickBooks.REVOKE_URL = `${url}/v2/oauth2/tokens/revoke`;
  QuickBooks.USER_INFO_URL = `${url}/v1/openid_connect/userinfo`;
});

after(() => simulator.kill());

beforeEach(async () => {
  await control('reset', {});
  await control('switches', { per_second: 0, per_minute: 0 });
});

async function control(path, body) {
  const answer = await fetch(`${url}/simulator/${path}`, body && { method: 'POST', body: JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

/** Plays the merchant: opens the page, chooses the company, and gives where the browser is sent. */
async function consent(authorizeUri, realm) {
  assert.equal((await fetch(authorizeUri)).status, 200);
  const form = new URLSearchParams(new URL(authorizeUri).search);
  form.set('realmId', realm);
  const answer = await fetch(`${url}/connect/oauth2/consent`, { method: 'POST', body: form, redirect: 'manual' });
  assert.equal(answer.status, 302);
  return answer.headers.get('location');
}

function oauthClient(more = {}) {
  const client = new OAuthClient({ clientId: 'demo-client', clientSecret: 'demo-secret', environment: 'sandbox', redirectUri: CALLBACK, ...more });
  client.setAuthorizeURLs({
    authorizeEndpoint: `${url}/connect/oauth2`,
    tokenEndpoint: `${url}/oauth2/v1/tokens/bearer`,
    revokeEndpoint: `${url}/v2/oauth2/tokens/revoke`,
    userInfoEndpoint: `${url}/v1/openid_connect/userinfo`,
  });
  return client;
}

/** An intuit-oauth client connected the long way round: authorize, consent, exchange. */
async function connected(realm = REALM, more = {}) {
  const client = oauthClient(more);
  const target = await consent(client.authorizeUri({ scope: [OAuthClient.scopes.Accounting], state: 'a-state' }), realm);
  await client.createToken(target);
  return client;
}

/** A node-quickbooks client of a company, its calls as promises. */
async function books(realm = REALM) {
  const tokens = await control('connect', { realm });
  const client = new QuickBooks('demo-client', 'demo-secret', tokens.access_token, false, realm, true, false, 75, '2.0', tokens.refresh_token);
  const call = (name, ...values) =>
    new Promise((resolve, reject) => client[name](...values, (error, body) => (error ? reject(Object.assign(new Error('refused'), { cause: error })) : resolve(body))));
  return { client, call };
}

/** The code of a fault, which comes as the answer of an HTTP error or, with status 200, in the error's own place. */
const codeOf = (error) => (error.cause.response?.data ?? error.cause).Fault?.Error?.[0]?.code;

function receipt(number, more = {}) {
  return {
    TxnDate: '2026-03-14',
    DocNumber: number,
    CustomerRef: { value: '41' },
    GlobalTaxCalculation: 'TaxExcluded',
    DepositToAccountRef: { value: '91' },
    PaymentMethodRef: { value: '3' },
    PaymentRefNum: 'ch_3Q9a',
    Line: [{ DetailType: 'SalesItemLineDetail', Amount: 100, SalesItemLineDetail: { ItemRef: { value: '21' }, Qty: 1, UnitPrice: 100, TaxCodeRef: { value: '8' } } }],
    ...more,
  };
}

test('intuit-oauth connects, calls the API and refreshes', async () => {
  const client = await connected();
  assert.equal(client.getToken().realmId, REALM);
  const answer = await client.makeApiCall({ url: `${url}/v3/company/${REALM}/companyinfo/${REALM}` });
  assert.equal(answer.json.CompanyInfo.CompanyName, 'Nettoyage Laurier inc.');
  const before = client.getToken().refresh_token;
  await client.refresh();
  assert.equal(client.getToken().refresh_token, before);
  await control('clock', { advance_seconds: 24 * 3600 });
  await client.refresh();
  assert.notEqual(client.getToken().refresh_token, before);
});

test('intuit-oauth is told the hard expiry when it asks', async () => {
  const client = await connected(REALM, { includeRefreshTokenHardExpiresIn: true });
  const answer = await client.refresh();
  assert.ok(answer.json.x_refresh_token_hard_expires_in > 157_000_000);
  const plain = await (await connected()).refresh();
  assert.equal(plain.json.x_refresh_token_hard_expires_in, undefined);
});

test('intuit-oauth revokes with its access token as JSON, and the refresh token is dead too', async () => {
  const client = await connected();
  const refresh = client.getToken().refresh_token;
  await client.revoke();
  await assert.rejects(client.refreshUsingToken(refresh), (error) => /invalid_grant/.test(JSON.stringify(error.authResponse?.json ?? error.authResponse?.body ?? error.message ?? error)));
});

test('intuit-oauth sees a denied consent as an address without a code', async () => {
  const uri = oauthClient().authorizeUri({ scope: [OAuthClient.scopes.Accounting], state: 'a-state' });
  assert.match(await consent(uri, ''), /error=access_denied&state=a-state/);
});

test('node-quickbooks refreshes and revokes with a form', async () => {
  const { client, call } = await books();
  await call('refreshAccessToken');
  await call('getCompanyInfo', REALM);
  const refresh = client.refreshToken;
  await call('revokeAccess', true);
  client.refreshToken = refresh;
  await assert.rejects(call('refreshAccessToken'));
  await assert.rejects(call('getCompanyInfo', REALM), (error) => error.cause.response.status === 401 && error.cause.response.data.fault.error[0].code === '3200');
});

test('node-quickbooks creates, finds, counts and updates a customer', async () => {
  const { call } = await books();
  const made = await call('createCustomer', { DisplayName: "Aoife O'Brien", GivenName: 'Aoife', FamilyName: "O'Brien", PrimaryEmailAddr: { Address: 'aoife+home@example.com' } });
  const found = await call('findCustomers', { DisplayName: "Aoife O'Brien" });
  assert.equal(found.QueryResponse.Customer[0].Id, made.Id);
  const byMail = await call('findCustomers', [{ field: 'PrimaryEmailAddr', value: 'AOIFE+home@example.com', operator: '=' }]);
  assert.equal(byMail.QueryResponse.Customer[0].Id, made.Id);
  const like = await call('findCustomers', [{ field: 'PrimaryEmailAddr', value: '%b@x.com%', operator: 'LIKE' }]);
  assert.equal(like.QueryResponse.Customer[0].Id, '43');
  const counted = await call('findCustomers', { count: true });
  assert.ok(counted.QueryResponse.totalCount > 5);
  const changed = await call('updateCustomer', { Id: made.Id, SyncToken: made.SyncToken, Notes: 'gate code' });
  assert.equal(changed.SyncToken, '1');
  assert.equal(changed.GivenName, 'Aoife');
  await assert.rejects(call('updateCustomer', { Id: made.Id, SyncToken: '0', Notes: 'late' }), (error) => codeOf(error) === '5010');
});

test('node-quickbooks finds everything page by page', async () => {
  const { call } = await books();
  const all = await call('findCustomers', { fetchAll: true, limit: 3, asc: 'Id' });
  const ids = all.QueryResponse.Customer.map((customer) => Number(customer.Id));
  assert.deepEqual(ids, [...new Set(ids)].sort((left, right) => left - right));
});

test('node-quickbooks is refused a taken name with 6240', async () => {
  const { call } = await books();
  await assert.rejects(call('createCustomer', { DisplayName: 'JEAN TREMBLAY' }), (error) => codeOf(error) === '6240');
});

test('node-quickbooks makes, voids and deletes a sales receipt', async () => {
  const { call } = await books();
  const made = await call('createSalesReceipt', receipt('JS-1'));
  assert.equal(made.TotalAmt, 114.98);
  const voided = await call('updateSalesReceipt', { Id: made.Id, SyncToken: made.SyncToken, void: true });
  assert.equal(voided.TotalAmt, 0);
  const gone = await call('deleteSalesReceipt', { Id: made.Id, SyncToken: voided.SyncToken });
  assert.equal(gone.SalesReceipt.status, 'Deleted');
  await assert.rejects(call('getSalesReceipt', made.Id), (error) => codeOf(error) === '610');
});

test('node-quickbooks sends a request id once and gets one receipt', async () => {
  const { call } = await books();
  const first = await call('createSalesReceipt', receipt('JS-2', { requestId: 'js-2' }));
  const second = await call('createSalesReceipt', receipt('JS-2', { requestId: 'js-2' }));
  assert.equal(first.Id, second.Id);
  const counters = await control('counters');
  assert.equal(counters[REALM].operations['salesreceipt.create'].writes, 1);
  assert.equal(counters[REALM].operations['salesreceipt.create'].replays, 1);
});

test('node-quickbooks may use a document number again only where it says so', async () => {
  const { call } = await books();
  await call('createSalesReceipt', receipt('JS-3'));
  await assert.rejects(call('createSalesReceipt', receipt('JS-3')), (error) => codeOf(error) === '6140');
  await call('createSalesReceipt', receipt('JS-3', { allowDuplicateDocNum: true }));
});

test('node-quickbooks makes a refund receipt', async () => {
  const { call } = await books();
  const made = await call('createRefundReceipt', receipt('JS-R-1'));
  assert.equal(made.TotalAmt, 114.98);
  const { DepositToAccountRef, ...without } = receipt('JS-R-2');
  await assert.rejects(call('createRefundReceipt', without), (error) => codeOf(error) === '2020');
});

test('node-quickbooks sends a batch whose items stand alone', async () => {
  const { call } = await books();
  const answer = await call('batch', [
    { bId: 'c1', operation: 'create', Customer: { DisplayName: 'Batch Person' } },
    { bId: 'c2', operation: 'create', Customer: { DisplayName: 'Jean Tremblay' } },
    { bId: 'q1', Query: "select * from Item where Type = 'Service' maxresults 2" },
  ]);
  const [made, taken, found] = answer.BatchItemResponse;
  assert.equal(made.Customer.DisplayName, 'Batch Person');
  assert.equal(taken.Fault.Error[0].code, '6240');
  assert.equal(found.QueryResponse.maxResults, 2);
});

test('node-quickbooks reads a US company whose tax is worked out for it', async () => {
  const { call } = await books(US_REALM);
  const line = { DetailType: 'SalesItemLineDetail', Amount: 200, SalesItemLineDetail: { ItemRef: { value: '22' }, Qty: 1, UnitPrice: 200, TaxCodeRef: { value: 'TAX' } } };
  const made = await call('createSalesReceipt', { CustomerRef: { value: '41' }, Line: [line], TxnTaxDetail: { TxnTaxCodeRef: { value: '2' } } });
  assert.equal(made.TxnTaxDetail.TotalTax, 19);
  assert.equal(made.DepositToAccountRef.name, 'Undeposited Funds');
});

test('node-quickbooks is told of faults, whatever the status', async () => {
  const { call } = await books();
  await control('trouble', { kind: 'ok_with_fault', realm: REALM });
  await assert.rejects(call('createSalesReceipt', receipt('JS-5')), (error) => codeOf(error) === '10000');
  await control('trouble', { kind: 'throttle', realm: REALM });
  await assert.rejects(call('createSalesReceipt', receipt('JS-5')), (error) => error.cause.response.status === 429);
  await control('trouble', { kind: 'down', realm: REALM });
  await assert.rejects(call('createSalesReceipt', receipt('JS-5')), (error) => error.cause.response.status === 503);
  await control('trouble', { kind: 'lose_answer', realm: REALM });
  await assert.rejects(call('createSalesReceipt', receipt('JS-5')), (error) => error.cause.response === undefined);
  const found = await call('findSalesReceipts', { DocNumber: 'JS-5' });
  assert.equal(found.QueryResponse.SalesReceipt.length, 1);
});

test('intuit-oauth gives up where the token endpoint refuses, and tries again where it is down', async () => {
  const client = await connected();
  await control('trouble', { kind: 'down', operation: 'oauth.refresh' });
  await client.refresh();
  await control('trouble', { kind: 'invalid_grant', operation: 'oauth.refresh' });
  await assert.rejects(client.refresh());
  await client.refresh();
});
