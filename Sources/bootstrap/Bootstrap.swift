@main
enum Bootstrap {
    static func main() {
        print("bootstrap")
    }
}
