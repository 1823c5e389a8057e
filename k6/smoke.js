// One of everything, once: is the system there, and does it do what it should?
import { check } from 'k6';
import { created, get, newService, newUser, post, remove } from './modules/api.js';

export const options = {
  vus: 1,
  iterations: 1,
  thresholds: {
    checks: ['rate==1'],
    http_req_duration: ['p(95)<1000'],
  },
};

export default function () {
  const userId = created('/users', newUser());
  const serviceId = created('/services', newService());
  const rating = post('/ratings', { userId, serviceId, score: 4, comment: 'good' }, 'POST /ratings');
  check(rating, { 'a rating is created': (r) => r.status === 201 });

  const id = rating.json('id');
  check(get(`/ratings/${id}`, 'GET /ratings/{id}'), {
    'the rating can be read': (r) => r.status === 200 && r.json('score') === 4,
  });
  check(get(`/services/${serviceId}/summary`, 'GET /services/{id}/summary'), {
    'it counts in the summary': (r) => r.status === 200 && r.json('count') === 1,
  });
  check(get('/ratings?limit=5', 'GET /ratings'), { 'ratings are listed': (r) => r.status === 200 });
  check(get('/nowhere', 'GET /nowhere'), { 'an unknown path is refused': (r) => r.status === 404 });

  for (const path of [`/ratings/${id}`, `/services/${serviceId}`, `/users/${userId}`]) {
    check(remove(path, 'DELETE'), { 'what was made can be removed': (r) => r.status === 204 || r.status === 200 });
  }
}
