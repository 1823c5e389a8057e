//! Looking a request up in the routes.

use contract::subject::Path;
use http::{HeaderValue, Method};

use super::template::Overlap;
use super::{Feed, Route, Template};

/// All routes, ready to be searched.
#[derive(Clone, Debug)]
pub struct Routes {
    all: Vec<Route>,
    /// Resources by their number of segments, the most specific first.
    by_length: Vec<Vec<Resource>>,
    feed: Option<Feed>,
}

/// All routes of one template: what a path names before the method is looked at.
#[derive(Clone, Debug)]
pub struct Resource {
    template: Template,
    methods: Vec<(Method, usize)>,
    allow: HeaderValue,
}

/// What the table says about a request.
#[derive(Debug)]
pub enum Found<'a> {
    /// Forward it by this route.
    Route(&'a Route),
    /// The path exists; `OPTIONS` was asked.
    Options(&'a Resource),
    /// The path exists, the method does not.
    Method(&'a Resource),
    /// No template matches the path.
    Nothing,
}

/// Two routes that cannot stand in one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conflict {
    /// Index of the route that came too late.
    pub(super) later: usize,
    /// Index of the one it collides with.
    pub(super) earlier: usize,
    /// What collides.
    pub(super) reason: String,
}

impl Routes {
    /// Indexes routes whose `index` is their position.
    pub(super) fn build(routes: Vec<Route>) -> Result<Self, Conflict> {
        for (later, route) in routes.iter().enumerate() {
            for (earlier, other) in routes.iter().enumerate().take(later) {
                if let Some(reason) = conflict(route, other) {
                    return Err(Conflict {
                        later,
                        earlier,
                        reason,
                    });
                }
            }
        }
        let mut by_length: Vec<Vec<Resource>> = Vec::new();
        for route in &routes {
            let length = route.template.length();
            if by_length.len() <= length {
                by_length.resize_with(length + 1, Vec::new);
            }
            let resources = &mut by_length[length];
            let known = resources
                .iter_mut()
                .find(|resource| resource.template == route.template);
            match known {
                Some(resource) => resource.extend(route),
                None => resources.push(Resource::new(route)),
            }
        }
        for resources in &mut by_length {
            resources.sort_by_key(|resource| std::cmp::Reverse(resource.template.literals()));
        }
        Ok(Self {
            all: routes,
            by_length,
            feed: None,
        })
    }

    /// The same with a live feed beside them.
    pub(super) fn with_feed(self, feed: Feed) -> Self {
        Self {
            feed: Some(feed),
            ..self
        }
    }

    /// The live feed, if there is one.
    pub fn feed(&self) -> Option<&Feed> {
        self.feed.as_ref()
    }

    /// Every route, by index.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.all.iter()
    }

    /// How many routes there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether nothing is forwarded at all.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The route with this index.
    pub fn get(&self, index: usize) -> Option<&Route> {
        self.all.get(index)
    }

    /// What to do with a request.
    pub fn find(&self, method: &Method, path: &Path) -> Found<'_> {
        let segments = path.segments();
        let resources = self.by_length.get(segments.len()).map_or(&[][..], Vec::as_slice);
        let Some(resource) = resources
            .iter()
            .find(|resource| resource.template.matches(segments))
        else {
            return Found::Nothing;
        };
        let wanted = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        match resource.methods.iter().find(|(known, _)| known == wanted) {
            Some((_, index)) => Found::Route(&self.all[*index]),
            None if method == Method::OPTIONS => Found::Options(resource),
            None => Found::Method(resource),
        }
    }
}

impl Resource {
    fn new(route: &Route) -> Self {
        let mut resource = Self {
            template: route.template.clone(),
            methods: Vec::with_capacity(route.methods.len()),
            allow: HeaderValue::from_static("OPTIONS"),
        };
        resource.extend(route);
        resource
    }

    fn extend(&mut self, route: &Route) {
        self.methods
            .extend(route.methods.iter().map(|method| (method.clone(), route.index)));
        let mut names: Vec<&str> = Vec::with_capacity(self.methods.len() + 2);
        for (method, _) in &self.methods {
            names.push(method.as_str());
            if method == Method::GET {
                names.push("HEAD");
            }
        }
        names.push("OPTIONS");
        self.allow =
            HeaderValue::try_from(names.join(", ")).expect("method names are visible ASCII letters only");
    }

    /// The `Allow` field (RFC 9110 section 10.2.1).
    pub fn allow(&self) -> &HeaderValue {
        &self.allow
    }

    /// The template all its routes share.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The index of one of its routes: under it, answers are counted that no route gave.
    pub fn first_route(&self) -> usize {
        self.methods.first().map_or(0, |(_, index)| *index)
    }
}

fn conflict(route: &Route, other: &Route) -> Option<String> {
    match route.template.overlap(&other.template) {
        Overlap::None | Overlap::Nested => None,
        Overlap::Ambiguous => Some(format!(
            "some paths match both '{}' and '{}'",
            other.template, route.template
        )),
        Overlap::Same if route.template != other.template => Some(format!(
            "'{}' and '{}' match the same paths",
            other.template, route.template
        )),
        Overlap::Same => {
            let twice = route
                .methods
                .iter()
                .find(|method| other.methods.contains(method))?;
            Some(format!("{twice} {} is there already", route.template))
        }
    }
}
