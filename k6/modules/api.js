// The system as its clients see it. BASE_URL is where the gateway listens, such as http://localhost:8080.
import http from 'k6/http';
import { check, fail } from 'k6';

export const BASE_URL = (__ENV.BASE_URL || 'http://localhost:8080').replace(/\/+$/, '');

const JSON_BODY = { 'Content-Type': 'application/json' };

// `name` takes the place of the URL in the results: one line for a route instead of one for every id.
export function get(path, name) {
  return http.get(`${BASE_URL}/api${path}`, { tags: { name, kind: 'read' } });
}

export function post(path, body, name) {
  return http.post(`${BASE_URL}/api${path}`, JSON.stringify(body), { headers: JSON_BODY, tags: { name, kind: 'write' } });
}

export function remove(path, name) {
  return http.del(`${BASE_URL}/api${path}`, null, { tags: { name, kind: 'write' } });
}

// A name that no other run and no other virtual user has.
export function unique(what) {
  return `${what}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
}

export function newUser() {
  const name = unique('user');
  return { name, email: `${name}@example.com` };
}

export function newService() {
  return { name: unique('service'), description: 'made by a load test' };
}

// Makes what a scenario needs before its load begins; without it there is nothing to measure.
export function created(path, body) {
  const response = post(path, body, `setup ${path}`);
  if (!check(response, { 'set up': (r) => r.status === 201 })) {
    fail(`POST ${path} answered ${response.status}: ${response.body || response.error}`);
  }
  return response.json('id');
}
