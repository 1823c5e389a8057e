// Everyday load at a given rate, whatever the answers do: RATE requests a second, nine of ten read. Clients that do not wait for each
// other show what a stall costs; iterations that could not begin in time count as failures.
import { check } from 'k6';
import { created, get, newService, newUser, post } from './modules/api.js';

const RATE = Number(__ENV.RATE || 100);

export const options = {
  scenarios: {
    everyday: {
      executor: 'constant-arrival-rate',
      rate: RATE,
      timeUnit: '1s',
      duration: __ENV.DURATION || '30s',
      preAllocatedVUs: Math.max(20, RATE),
      maxVUs: Math.max(50, RATE * 5),
    },
  },
  thresholds: {
    checks: ['rate>0.999'],
    dropped_iterations: ['count==0'],
    'http_req_duration{kind:read}': ['p(99)<500'],
    'http_req_duration{kind:write}': ['p(99)<1000'],
  },
};

const SERVICES = 20;

export function setup() {
  const services = [];
  for (let i = 0; i < SERVICES; i++) {
    services.push(created('/services', newService()));
  }
  return { services };
}

export default function ({ services }) {
  const serviceId = services[Math.floor(Math.random() * services.length)];
  if (Math.random() < 0.1) {
    write(serviceId);
  } else {
    check(get(`/services/${serviceId}/summary`, 'GET /services/{id}/summary'), {
      'a summary is answered': (r) => r.status === 200,
    });
  }
}

// A user rates a service once, so every rating is somebody new's.
function write(serviceId) {
  const user = post('/users', newUser(), 'POST /users');
  if (!check(user, { 'a user is created': (r) => r.status === 201 })) return;
  const rating = { userId: user.json('id'), serviceId, score: Math.floor(Math.random() * 6) };
  check(post('/ratings', rating, 'POST /ratings'), { 'a rating is created': (r) => r.status === 201 });
}
