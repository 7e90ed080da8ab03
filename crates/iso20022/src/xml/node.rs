//! One element with what is known of its content, and how values are taken from it.

use crate::error::ReadError;

/// An element. Only known elements of the message's namespace are among its children.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(super) name: &'static str,
    pub(super) currency: Option<String>,
    pub(super) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// An element of ours to collect children in.
    pub(crate) fn named(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// The text, without the space around it.
    pub(crate) fn text(&self) -> &str {
        self.text.trim_matches([' ', '\t', '\r', '\n'])
    }

    /// The currency that the element names.
    pub(crate) fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// What `read` makes of the child `name`, if there is one.
    ///
    /// # Errors
    /// When there are several, and what `read` refuses; the place says which.
    pub(crate) fn maybe<'a, T>(
        &'a self,
        name: &str,
        read: impl FnOnce(&'a Self) -> Result<T, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        let mut children = self.children.iter().filter(|it| it.name == name);
        let Some(child) = children.next() else { return Ok(None) };
        let more = children.count();
        let read = if more == 0 { read(child) } else { Err(ReadError::repeated(more + 1)) };
        read.map(Some).map_err(|error| error.within(name))
    }

    /// What `read` makes of the child `name`.
    ///
    /// # Errors
    /// When there is none, and as [`Node::maybe`].
    pub(crate) fn need<'a, T>(
        &'a self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&'a Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.maybe(name, read)?.ok_or_else(|| ReadError::missing(expected).within(name))
    }

    /// What `read` makes of the element at the end of `path`, if everything on the way is there.
    ///
    /// # Errors
    /// As [`Node::maybe`], for every step.
    pub(crate) fn along<'a, T>(
        &'a self,
        path: &[&str],
        read: impl FnOnce(&'a Self) -> Result<T, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        match path {
            [] => read(self).map(Some),
            [name, rest @ ..] => Ok(self.maybe(name, |child| child.along(rest, read))?.flatten()),
        }
    }

    /// What `read` makes of the element at the end of `path`.
    ///
    /// # Errors
    /// When it is not there, and as [`Node::along`].
    pub(crate) fn need_along<'a, T>(
        &'a self,
        path: &[&str],
        expected: &str,
        read: impl FnOnce(&'a Self) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.along(path, read)?.ok_or_else(|| ReadError::missing(expected).within(&path.join("/")))
    }

    /// What `read` makes of every child `name`, in order.
    ///
    /// # Errors
    /// What `read` refuses; the place says which, from 1.
    pub(crate) fn all<'a, T>(
        &'a self,
        name: &str,
        mut read: impl FnMut(&'a Self) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        let children = self.children.iter().filter(|it| it.name == name);
        children
            .enumerate()
            .map(|(index, child)| read(child).map_err(|error| error.within_nth(name, index)))
            .collect()
    }
}
