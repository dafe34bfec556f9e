import Foundation

extension Error {
    /// Why a file could not be read or written, in the system's own words where it has any.
    var reason: String {
        guard let error = self as? CocoaError else { return localizedDescription }
        if let cause = unsafe error.userInfo[NSUnderlyingErrorKey] as? POSIXError {
            return unsafe String(cString: strerror(cause.code.rawValue)).lowercased()
        }
        return switch error.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "no such file or directory"
        case .fileReadNoPermission, .fileWriteNoPermission: "permission denied"
        default: error.localizedDescription
        }
    }
}
