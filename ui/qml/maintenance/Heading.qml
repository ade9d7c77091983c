import QtQuick
import "../controls"
import "../theme"

// Names a part of a page.
Label {
    Accessible.role: Accessible.Heading
    bold: true
    even: true
    size: Theme.headingText
    width: parent?.width ?? 0
}
