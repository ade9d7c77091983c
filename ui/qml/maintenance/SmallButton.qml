import "../controls"
import "../theme"

// A deed beside others: as large as a finger needs, not larger.
SecondaryButton {
    bottomPadding: Theme.mm(3)
    implicitHeight: Math.max(Theme.mm(24), implicitContentHeight + topPadding + bottomPadding)
    leftPadding: Theme.mm(6)
    rightPadding: Theme.mm(6)
    topPadding: Theme.mm(3)
}
