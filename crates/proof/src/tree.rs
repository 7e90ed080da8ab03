//! Trees of the shape of RFC 6962: the left half of n leaves is the largest power of two below n.

use crate::hash::{Hash, Hasher, Tag};

/// How many of `count` leaves, at least two, lie to the left.
pub(crate) fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

/// The root over `leaves`, each pair joined by `join`; none without leaves.
///
/// # Errors
/// The first error of `join`.
pub(crate) fn root<T: Copy, E>(leaves: &[T], join: &impl Fn(T, T) -> Result<T, E>) -> Result<Option<T>, E> {
    match leaves {
        [] => Ok(None),
        [leaf] => Ok(Some(*leaf)),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            match (root(left, join)?, root(right, join)?) {
                (Some(left), Some(right)) => join(left, right).map(Some),
                (one, other) => Ok(one.or(other)),
            }
        }
    }
}

/// What stands beside leaf `index` on its way to the root, from the leaf upwards.
///
/// # Errors
/// The first error of `join`.
pub(crate) fn path<T: Copy, E>(
    leaves: &[T],
    index: usize,
    join: &impl Fn(T, T) -> Result<T, E>,
) -> Result<Vec<T>, E> {
    if leaves.len() < 2 {
        return Ok(Vec::new());
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, beside) = if index < left.len() {
        (path(left, index, join)?, root(right, join)?)
    } else {
        (path(right, index - left.len(), join)?, root(left, join)?)
    };
    path.extend(beside);
    Ok(path)
}

/// The root over plain hashes; without leaves it is the SHA-256 of nothing.
pub(crate) fn hash_root(leaves: &[Hash]) -> Hash {
    let join = |left: Hash, right: Hash| {
        Ok::<_, std::convert::Infallible>(Hasher::new(Tag::Node).bytes(left.0).bytes(right.0).finish())
    };
    match root(leaves, &join) {
        Ok(Some(root)) => root,
        Ok(None) => Hash::of(&[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves and nodes as text: the shape can be read.
    fn shape(count: usize) -> String {
        // A text cannot be copied, its place in a list can.
        let texts = std::cell::RefCell::new((0..count).map(|leaf| leaf.to_string()).collect::<Vec<_>>());
        let join = |left: usize, right: usize| {
            let mut texts = texts.borrow_mut();
            let node = format!("({} {})", texts[left], texts[right]);
            texts.push(node);
            Ok::<_, ()>(texts.len() - 1)
        };
        let leaves: Vec<usize> = (0..count).collect();
        let root = root(&leaves, &join).unwrap();
        root.map_or_else(String::new, |root| texts.borrow()[root].clone())
    }

    #[test]
    fn the_shape_is_that_of_rfc_6962() {
        for (count, expected) in [
            (0, ""),
            (1, "0"),
            (2, "(0 1)"),
            (3, "((0 1) 2)"),
            (4, "((0 1) (2 3))"),
            (5, "(((0 1) (2 3)) 4)"),
            (6, "(((0 1) (2 3)) (4 5))"),
            (7, "(((0 1) (2 3)) ((4 5) 6))"),
        ] {
            assert_eq!(shape(count), expected);
        }
    }
}
