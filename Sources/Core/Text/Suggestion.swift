internal import Codec

/// The known word that somebody most probably meant; `nil` when none is near.
///
/// Case does not count. A word is near when at most a third of it (or one byte) is to be
/// inserted, left out, replaced or swapped with its neighbour.
package func suggestion(for word: String, among known: [String]) -> String? {
    var best: (word: String, distance: Int)?
    for candidate in known {
        let limit = max(1, candidate.utf8.count / 3)
        let distance = editDistance(
            word.utf8.map { $0.asciiLowercased },
            candidate.utf8.map { $0.asciiLowercased }
        )
        guard distance <= limit, distance < best?.distance ?? .max else { continue }
        best = (candidate, distance)
    }
    return best?.word
}

/// The optimal string alignment distance.
private func editDistance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    // Nothing that long is a slip of a property's name; the table grows with the product.
    guard one.count <= 64, other.count <= 64 else { return .max }
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for row in one.indices {
        var line = [row + 1]
        for column in other.indices {
            let isSame = one[row] == other[column]
            var cost = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, line[column] + 1)
            if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            line.append(cost)
        }
        beforeLast = last
        last = line
    }
    return last[other.count]
}
