pragma ComponentBehavior: Bound
import QtQuick
import "../pickers"

// A day, or a moment with how sure one is of it.
Loader {
    id: place

    property var value: ""
    property string name: ""
    property string earliest: ""
    property string latest: ""
    property bool moment: false

    signal edited(var value)

    sourceComponent: moment ? when : day

    Component {
        id: day

        DatePicker {
            earliest: place.earliest
            latest: place.latest
            value: String(place.value ?? "")

            onEdited: value => place.edited(value)
        }
    }
    Component {
        id: when

        WhenPicker {
            earliest: place.earliest
            latest: place.latest
            value: place.value

            onEdited: value => place.edited(value)
        }
    }
}
